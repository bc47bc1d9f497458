import SobreDelivery
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Synchronization
import Testing

@testable import SobreDispatch

/// Deciding before rendering, while many messages are refused.
@Suite struct EarlyDecisionTests {
    /// Counts what is rendered.
    private final class Counter: DeliveryRendering {
        let rendered = Mutex<[MessageID: Int]>([:])

        func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery {
            rendered.withLock { $0[claimed.message.id, default: 0] += 1 }
            return StandardWords().render(claimed, channel: channel, at: now)
        }

        var total: Int { rendered.withLock { $0.values.reduce(0, +) } }
    }

    @Test func `what facts alone refuse is soon not rendered, and what is sent is rendered once`() async throws {
        let counter = Counter()
        let mail = ScriptedProvider("mail", .email, .accepted)
        let settings = DispatchSettings { $0.batch = 50 }
        try await DispatchBench.run(mail, renderer: counter, settings: settings) { bench in
            let bob = Profile(id: "bob", addresses: [Address(channel: .email, value: "bob@example.com")])
            try await bench.store.put([bob])
            let address = Address(channel: .email, value: "ann@example.com")
            try await bench.store.suppress([
                Suppression(
                    subject: address.subject, label: address.value, reason: .manual, source: "test",
                    at: bench.time.now())
            ])
            let refused = try await bench.enqueue(count: 1_000)
            try await bench.work()
            #expect(try await bench.last(refused).reason == "suppressed")
            #expect(counter.total <= 100, "two batches of fifty at most are rendered before the first is decided")

            let before = counter.total
            let sent = try await bench.enqueue(count: 20, recipient: "bob")
            try await bench.work()
            #expect(try await bench.last(sent).state == .sent)
            #expect(counter.total - before == 20)
            #expect(mail.received.count == 20)
            #expect(counter.rendered.withLock { $0[sent] } == 1)
        }
    }

    @Test func `few refusals change nothing: each message is rendered and decided once`() {
        let share = RefusalShare()
        for _ in 0..<100 { share.count(refused: 4, of: 50) }
        #expect(!share.areMany)
        for _ in 0..<20 { share.count(refused: 10, of: 50) }
        #expect(share.areMany)
        for _ in 0..<20 { share.count(refused: 0, of: 50) }
        share.count(refused: 0, of: 0)
        #expect(!share.areMany)
    }
}
