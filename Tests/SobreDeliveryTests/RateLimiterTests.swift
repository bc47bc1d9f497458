import SobreDelivery
import SobreModel
import Testing

@Suite("Rate limiter")
struct RateLimiterTests {
    @Test("In no second do more calls begin than rate plus burst, however they are asked for")
    func neverExceeds() {
        for (rate, burst) in [(1.0, 1), (10.0, 5), (14.0, 1), (333.0, 20)] {
            var limiter = RateLimiter(rate: rate, burst: burst)
            let base = Instant(milliseconds: 1_700_000_000_000)
            var starts: [Int64] = []
            for index in 0..<2000 {
                let now = base + .milliseconds(Int64(index % 7 == 0 ? index : index / 3))
                starts.append(limiter.reserve(at: now).milliseconds)
            }
            starts.sort()
            var first = 0
            for last in starts.indices {
                while starts[last] - starts[first] >= 1000 { first += 1 }
                #expect(last - first + 1 <= Int(rate) + burst, "rate \(rate) burst \(burst)")
            }
        }
    }

    @Test("Thousands a second, asked for at once, do not exceed their rate either", arguments: [1500, 7000, 30_000])
    func keepsHighRates(rate: Int) {
        var limiter = RateLimiter(rate: Double(rate), burst: 1)
        let now = Instant(milliseconds: 1_700_000_000_000)
        let starts = (0..<2 * rate).map { _ in limiter.reserve(at: now) }
        var first = 0
        var most = 0
        for last in starts.indices {
            while starts[last] - starts[first] >= .seconds(1) { first += 1 }
            most = max(most, last - first + 1)
        }
        #expect(most <= rate + 1)
        // The rate does not fall far below the limit either.
        #expect(most > rate * 95 / 100)
    }

    @Test("A burst goes at once, and the next waits one interval")
    func burst() {
        var limiter = RateLimiter(rate: 2, burst: 3)
        let now = Instant(milliseconds: 1_000_000)
        #expect((0..<3).allSatisfy { _ in limiter.reserve(at: now) == now })
        #expect(limiter.reserve(at: now) == now + .milliseconds(500))
    }
}
