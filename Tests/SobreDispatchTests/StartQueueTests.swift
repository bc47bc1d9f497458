import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore
import Synchronization
import Testing

@testable import SobreDispatch

@Suite("Calls that wait to begin") struct StartQueueTests {
    private final class Counts: Sendable {
        struct State {
            var ends: [Int: Int] = [:]
            var begun: [Int] = []
            var onWire = 0
            var most = 0
        }
        let state = Mutex(State())
    }

    private struct Bench: Sendable {
        let router: Router
        let queue: StartQueue
        let changes = RecentChanges(capacity: 1_000)
        let pauses = PausesInForce()
        static let message = Message(
            id: MessageID(rawValue: 1 << 21), acceptedAt: .epoch,
            draft: MessageDraft(recipient: "ann", template: "hello", campaign: "spring", channels: [.email]))
        let counts = Counts()

        init(concurrency: Int, rate: Double? = nil) {
            let limits = CallLimits(
                rate: rate, burst: 1, concurrency: concurrency, ahead: AheadBounds(reach: .seconds(60), most: 100_000))
            router = Router(
                members: [
                    Router.Member(
                        provider: ScriptedProvider("mail", .email, .accepted), limits: limits,
                        health: ProviderHealthLimits())
                ],
                routes: [.email: ["mail"]], horizon: .seconds(60), recheck: .seconds(60))
            queue = StartQueue(router: router, time: SystemTime(), pace: .real)
        }

        /// Adds a call. It is known to the changes by its number.
        func add(
            _ number: Int, _ priority: Priority = .normal, within length: Duration = .seconds(60),
            work: @escaping @Sendable (_ end: @escaping @Sendable () -> Void) -> Void
        ) {
            // A place that is taken regardless of the concurrency.
            _ = router.join(
                .email(EmailContent(from: Mailbox(address: "a@example.com"), subject: "Hello", text: "Hello")),
                to: Address(channel: .email, value: "ann@example.com"), beside: "mail", at: SystemTime().now())
            let permit = StartPermit(
                latest: ContinuousClock.now + length, pace: .real, changes: changes, mark: changes.mark,
                keys: [KeyHash("call \(number)")],
                pauses: .init(
                    inForce: pauses, mark: pauses.mark, message: Self.message, channel: .email, provider: "mail"))
            let entry = StartQueue.Entry(
                priority: priority, permit: permit,
                begin: {
                    counts.state.withLock { state in
                        state.ends[number, default: 0] += 1
                        state.begun.append(number)
                        state.onWire += 1
                        state.most = max(state.most, state.onWire)
                    }
                    work {
                        counts.state.withLock { $0.onWire -= 1 }
                        router.finished("mail", outcome: Outcome(.accepted), at: SystemTime().now())
                        queue.ended("mail")
                    }
                },
                refuse: { _ in
                    counts.state.withLock { $0.ends[number, default: 0] += 1 }
                    router.abandoned("mail")
                })
            queue.add(entry, to: "mail")
        }
    }

    @Test func `of many threads' calls each begins or is refused, once, and no more are on the wire than allowed`()
        async throws
    {
        let bench = Bench(concurrency: 3)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for index in 0..<1_000 {
                        let number = worker * 1_000 + index
                        // One in seven was opted out before its turn comes; one in five ends at once.
                        bench.add(number) { end in
                            let isPrompt = number % 5 == 0
                            if isPrompt { end() } else { Task.detached { end() } }
                        }
                        if number % 7 == 0 { bench.changes.note([KeyHash("call \(number)")]) }
                    }
                }
            }
        }
        let deadline = ContinuousClock.now + .seconds(20)
        while bench.counts.state.withLock({ $0.ends.count < 4_000 || $0.onWire > 0 }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
        let state = bench.counts.state.withLock { $0 }
        #expect(state.ends.count == 4_000 && state.ends.values.allSatisfy { $0 == 1 })
        #expect(state.most == 3)
    }

    @Test func `the highest priority begins first, then the oldest`() {
        let bench = Bench(concurrency: 1)
        let ends = Shared<[@Sendable () -> Void]>([])
        let priorities: [Priority] = [.normal, .low, .normal, .critical, .high, .critical]
        for (number, priority) in priorities.enumerated() {
            bench.add(number, priority) { end in ends.value.withLock { $0.append(end) } }
        }
        while let end = ends.value.withLock({ $0.popLast() }) { end() }
        #expect(bench.counts.state.withLock { $0.begun } == [0, 3, 5, 4, 2, 1])
    }

    @Test func `what waits in vain leaves without a call that ends`() async throws {
        let bench = Bench(concurrency: 1)
        for number in 0..<5 { bench.add(number, within: .milliseconds(50)) { _ in } }
        let deadline = ContinuousClock.now + .seconds(10)
        while bench.counts.state.withLock({ $0.ends.count < 5 }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(bench.counts.state.withLock { $0.begun } == [0])
        #expect(bench.counts.state.withLock { $0.ends.count } == 5)
    }

    @Test func `calls under a rate begin at its pace, whoever waits`() async throws {
        let bench = Bench(concurrency: 100, rate: 100)
        let begun = ContinuousClock.now
        for number in 0..<30 { bench.add(number) { end in end() } }
        let deadline = ContinuousClock.now + .seconds(10)
        while bench.counts.state.withLock({ $0.ends.count < 30 }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(1))
        }
        let took = ContinuousClock.now - begun
        #expect(bench.counts.state.withLock { $0.begun } == Array(0..<30))
        #expect(took >= .milliseconds(260), "thirty calls took \(took)")
        #expect(took < .seconds(2), "thirty calls took \(took)")
    }
}
