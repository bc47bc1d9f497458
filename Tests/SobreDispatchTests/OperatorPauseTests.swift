import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Synchronization
import Testing

/// Pauses by operators on the way from the queue to the wire.
@Suite struct OperatorPauseTests {
    /// Counts what is rendered.
    private final class Counter: DeliveryRendering {
        let rendered = Mutex(0)

        func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery {
            rendered.withLock { $0 += 1 }
            return StandardWords().render(claimed, channel: channel, at: now)
        }
    }

    private static func pause(_ bench: DispatchBench, _ filter: DeliveryFilter) async throws -> Int64 {
        try #require(try await bench.store.pause(filter, until: nil, reason: "a test", by: "ann")).pause.id
    }

    private static func people(_ bench: DispatchBench, _ count: Int) async throws {
        try await bench.store.put(
            (0..<count).map {
                Profile(id: "p\($0)", addresses: [Address(channel: .email, value: "p\($0)@example.com")])
            })
        for number in 0..<count { try await bench.enqueue(recipient: "p\(number)") }
    }

    @Test func `what is paused is not rendered, and goes out in its order once it is resumed`() async throws {
        let counter = Counter()
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail, renderer: counter) { bench in
            try await Self.people(bench, 40)
            let pause = try await Self.pause(bench, DeliveryFilter(category: "marketing"))
            let other = try await bench.enqueue(category: "transactional", recipient: "p0")
            try await bench.work()
            #expect(mail.received.map(\.delivery.message) == [other])
            #expect(counter.rendered.withLock { $0 } == 1)
            #expect(try await bench.store.totals()[.held] == 40)
            // While the pause lasts they are left alone.
            let entries = try await bench.store.log(LogQuery(limit: 1_000)).rows.count
            bench.time.advance(by: .seconds(86_400))
            try await bench.work()
            #expect(try await bench.store.log(LogQuery(limit: 1_000)).rows.count == entries)
            _ = try await bench.store.resume(pause)
            try await bench.work()
            #expect(mail.received.dropFirst().map(\.recipient) == (0..<40).map { "p\($0)" })
            #expect(counter.rendered.withLock { $0 } == 41)
        }
    }

    @Test func `calls that wait to begin do not begin after a pause, and keep their place before those behind them`()
        async throws
    {
        let mail = HeldProvider("mail")
        let limits = CallLimits(
            burst: 1, concurrency: 1, ahead: AheadBounds(reach: .seconds(60), most: 8))
        let settings = DispatchSettings { $0.guardTime = .seconds(30) }
        try await DispatchBench.run([mail], settings: settings, limits: limits) { bench in
            try await Self.people(bench, 30)
            let work = Task { try await bench.work() }
            for count in 1...4 {
                try await Self.wait("call \(count)") { mail.received.count == count }
                mail.answer()
            }
            try await Self.wait("calls that wait") { try await bench.store.totals()[.attempting] ?? 0 >= 4 }
            let pause = try await Self.pause(bench, .all)
            let begun = mail.received.count
            while mail.answer() {}
            try await work.value
            #expect(mail.received.count == begun)
            #expect(try await bench.store.totals() == [.sent: begun, .held: 30 - begun])
            #expect(
                try await bench.store.facts(recipient: "p\(begun)", horizon: .seconds(86_400)).ledger.isEmpty,
                "a contact that was not made counts")
            _ = try await bench.store.resume(pause)
            let rest = Task { try await bench.work() }
            try await Self.wait("all calls") {
                mail.answer()
                return try await bench.store.totals()[.sent] == 30
            }
            try await rest.value
            #expect(mail.received.map(\.recipient) == (0..<30).map { "p\($0)" })
            #expect(mail.received.allSatisfy { $0.attempt == 1 })
        }
    }

    @Test func `another provider takes over from a paused one, and without one the messages are held`() async throws {
        let first = ScriptedProvider("first", .email, .accepted)
        let second = ScriptedProvider("second", .email, .accepted)
        try await DispatchBench.run(first, second) { bench in
            let pause = try await Self.pause(bench, DeliveryFilter(provider: "first"))
            try await bench.enqueue(count: 3)
            try await bench.work()
            #expect([first.received.count, second.received.count] == [0, 3])
            let other = try await Self.pause(bench, DeliveryFilter(provider: "second"))
            let held = try await bench.enqueue(count: 2)
            try await bench.work()
            #expect(second.received.count == 3)
            let last = try await bench.last(held)
            #expect([last.state.description, last.reason] == ["held", "paused_by_operator"])
            #expect(last.detail.hasPrefix("provider first, paused by ann since ") && last.dueAt == nil)
            // Either of them is enough.
            _ = try await bench.store.resume(other)
            try await bench.work()
            #expect([first.received.count, second.received.count] == [0, 5])
            _ = try await bench.store.resume(pause)
            try await bench.enqueue()
            try await bench.work()
            #expect(first.received.count == 1)
        }
    }

    @Test func `a template that stops a message does not drop it while it is paused`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        let broken = RenderedDelivery.aborted(reason: "the link is wrong", templateVersion: "v1")
        try await DispatchBench.run(mail, rendering: broken) { bench in
            let pause = try await Self.pause(bench, DeliveryFilter(template: "hello"))
            let message = try await bench.enqueue()
            try await bench.work()
            #expect(try await bench.last(message).state == .held)
            _ = try await bench.store.resume(pause)
            try await bench.work()
            #expect(try await bench.last(message).state == .dropped)
        }
    }

    private static func wait(_ what: String, until isMet: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if try await isMet() { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw StoreError(.io, "never came: \(what)")
    }
}
