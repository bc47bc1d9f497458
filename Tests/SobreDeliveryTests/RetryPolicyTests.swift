import SobreDelivery
import SobreSettings
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
    let policy = RetryPolicy(giveUpAfter: .zero, minAttempts: 5, base: .seconds(2), cap: .seconds(60))

    @Test("The wait lies between half the exponential step and the whole of it", arguments: 1...8)
    func backoff(attempt: Int) {
        let step = min(2000 << (attempt - 1), 60_000)
        for seed in 0..<200 as Range<UInt64> {
            let wait = policy.delay(afterAttempt: attempt, retryAfter: nil, seed: seed).components
            let milliseconds = wait.seconds * 1000 + wait.attoseconds / 1_000_000_000_000_000
            #expect(milliseconds >= Int64(step / 2) && milliseconds <= Int64(step))
        }
    }

    @Test("Messages that failed together do not come back together")
    func spread() {
        let waits = Set((0..<100 as Range<UInt64>).map { policy.delay(afterAttempt: 3, retryAfter: nil, seed: $0) })
        #expect(waits.count > 80)
    }

    @Test("A provider's wish is obeyed up to the cap")
    func retryAfter() {
        #expect(policy.delay(afterAttempt: 1, retryAfter: .seconds(30), seed: 1) == .seconds(30))
        #expect(policy.delay(afterAttempt: 1, retryAfter: .seconds(86_400), seed: 1) == .seconds(60))
    }
}
