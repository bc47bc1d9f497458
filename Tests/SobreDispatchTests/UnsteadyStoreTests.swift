import SobreAdmission
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreNode
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Synchronization
import Testing

/// The pipeline over a store that does what the contract allows a store of several nodes: it decides a request several
/// times, splits batches, and keeps no order between recipients.
@Suite("The pipeline over an unsteady store", .serialized) struct UnsteadyStoreTests {
    /// Two messages each, and the same words twice are one message.
    private static let rules = """
        categories: { marketing: { consent: none, fingerprint_window: 0s } }
        dedup: [{ name: same, key: [campaign, dedup_key], window: 1d }]
        caps: [{ name: two, applies_to: { category: marketing }, limit: 2, window: 1d, on_cap: drop }]
        """
    private static let recipients = 8

    /// Works over the store until a condition holds, for at most 20 s, and stops. What is in flight then ends.
    private func work(
        _ dispatcher: Dispatcher, _ bench: DispatchBench, until isDone: ([DeliveryState: Int]) -> Bool
    ) async throws {
        let work = Task { try await dispatcher.run() }
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let totals = try await bench.store.totals()
            if isDone(totals) { break }
            guard ContinuousClock.now < deadline else {
                work.cancel()
                throw StoreError(.internal, "the condition did not hold within 20 s: \(totals)")
            }
            // What waits for an attempt in flight is decided again after a while.
            if dispatcher.inFlight == 0, let dueAt = try await bench.store.nextDueAt(), dueAt > bench.time.now() {
                bench.time.set(dueAt)
            }
            await bench.store.poke()
            try await Task.sleep(for: .milliseconds(5))
        }
        work.cancel()
        try await work.value
        #expect(dispatcher.inFlight == 0)
    }

    /// Four messages to each recipient, of which two may go: one repeats another, and one exceeds the cap.
    private func enqueueForEverybody(_ bench: DispatchBench) async throws {
        let people = (0..<Self.recipients).map { number in
            Profile(id: "p\(number)", addresses: [Address(channel: .email, value: "p\(number)@example.com")])
        }
        try await bench.store.put(people)
        for key in ["a", "a", "b", "c"] {
            let drafts = people.map { person in
                Submission(
                    draft: MessageDraft(
                        recipient: person.id, template: "hello", campaign: "spring", channels: [.email], dedupKey: key))
            }
            _ = try await bench.store.enqueue(drafts)
        }
    }

    private func policy() throws -> PolicyInForce { PolicyInForce(try Policy.parse(text: Self.rules).with(version: 1)) }

    @Test(arguments: [0, 3])
    func `each recipient gets what may be sent, once, also when parts of batches cannot be written`(
        partsToFail: Int
    ) async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail, policy: try policy()) { bench in
            let store = UnsteadyStore(bench.store, partsToFail: partsToFail)
            try await enqueueForEverybody(bench)
            let ends = 4 * Self.recipients
            try await work(bench.dispatcher(over: store), bench) { totals in
                totals[.sent, default: 0] + totals[.dropped, default: 0] == ends
            }
            #expect(try await bench.store.totals()[.sent] == 2 * Self.recipients)
            let sent = Dictionary(grouping: mail.received, by: \.address.value)
            #expect(sent.count == Self.recipients)
            #expect(sent.values.allSatisfy { $0.count == 2 }, "\(sent.mapValues(\.count))")
            #expect(Set(mail.received.map(\.key)).count == 2 * Self.recipients)
            #expect(store.partsToFail == 0, "each part that was to fail has failed")
            // The store decides each request three times, and the decision depends on nothing but its arguments.
            #expect(store.unlikeDecisions == 0)
            #expect(store.discarded >= 2 * ends)
            let depth = try await bench.store.depth()
            #expect(depth.waiting == 0 && depth.claimed == 0 && depth.inFlight == 0, "\(depth)")
        }
    }

    // MARK: A policy that another process stores

    @Test func `a version that another process stored is followed before anything is sent`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        let strict = Self.rules.replacing("limit: 2", with: "limit: 0")
        let stored = Shared<(any Store)?>(nil)
        let inForce = PolicyInForce(try Policy.parse(text: Self.rules).with(version: 1)) {
            version throws(StoreError) in
            guard let text = try await stored.value.withLock({ $0 })?.policy(version: version) else { return nil }
            return try? Policy.parse(text: text).with(version: version)
        }
        try await DispatchBench.run(mail, policy: inForce) { bench in
            stored.value.withLock { $0 = bench.store }
            #expect(try await bench.store.register(policy: Self.rules) == 1)
            #expect(try await bench.store.register(policy: strict) == 2)
            let id = try await bench.enqueue()
            try await bench.work()
            #expect(inForce.version == 2)
            #expect(mail.received.isEmpty)
            let last = try await bench.last(id)
            #expect(last.state == .dropped && last.reason == "frequency_capped" && last.policyVersion == 2)
        }
    }

    @Test func `nothing is sent under a version that cannot be read here, and the claims are given back`() async throws
    {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail, policy: try policy()) { bench in
            _ = try await bench.store.register(policy: Self.rules)
            _ = try await bench.store.register(policy: "# written by a later program")
            let id = try await bench.enqueue()
            let longest = Shared(Duration.zero)
            let dispatcher = bench.dispatcher(over: bench.store) { wait in
                longest.value.withLock { $0 = max($0, wait) }
            }
            // Each refusal doubles the wait before the next try.
            try await work(dispatcher, bench) { _ in longest.value.withLock { $0 } >= .milliseconds(400) }
            #expect(mail.received.isEmpty)
            #expect(try await bench.last(id).state == .queued)
            #expect(try await bench.store.depth().claimed == 0)
        }
    }
}
