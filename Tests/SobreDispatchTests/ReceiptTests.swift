import Logging
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Testing

@Suite("Receipts over the real store") struct ReceiptTests {
    private func processor(_ bench: DispatchBench) -> ReceiptProcessor {
        var logger = Logger(label: "receipt-test")
        logger.logLevel = .critical
        let policy = ReceiptPolicy { _, instant in Int(instant.milliseconds / 3_600_000 % 168) }
        return ReceiptProcessor(
            store: bench.store, policy: policy, limits: ReceiptLimits(), time: bench.time, logger: logger)
    }

    private func receipt(
        _ kind: Receipt.Kind, _ id: MessageID, slot: Int = 0, after: Duration = .zero, eventID: String? = nil,
        providerID: String? = nil, provider: String = "mail", isSigned: Bool = false
    ) -> Receipt {
        Receipt(
            provider: provider, eventID: eventID, delivery: id.delivery(slot), providerID: providerID, kind: kind,
            at: DispatchBench.start + after, detail: "\(kind)", isSigned: isSigned)
    }

    /// Adds receipts and applies them. Waiting receipts are retried when they are due.
    private func report(_ bench: DispatchBench, _ receipts: [Receipt]) async throws {
        _ = try await bench.store.append(receipts, maxWaiting: 10_000)
        try await processor(bench).processOnce()
    }

    @Test func `marketing of unknown fate is resolved by its receipt, keeps its slot and is never sent again`()
        async throws
    {
        let mail = ScriptedProvider("mail", .email, .ambiguous, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            try await report(bench, [receipt(.delivered, id)])
            let last = try await bench.last(id)
            #expect(last.state == .delivered && last.provider == "mail" && last.channel == .email)
            let facts = try await bench.store.facts(recipient: "ann", horizon: .seconds(86_400))
            #expect(facts.ledger.map(\.state) == [.committed])
            bench.time.advance(by: .seconds(86_400))
            try await bench.work()
            #expect(mail.received.count == 1)
        }
    }

    @Test func `a receipt keeps a transactional message of unknown fate from going out once more`() async throws {
        let mail = ScriptedProvider("mail", .email, .ambiguous, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue(category: "transactional")
            try await bench.work()
            #expect(try await bench.last(id).state == .deferred)
            try await report(bench, [receipt(.sent, id)])
            #expect(try await bench.last(id).state == .sent)
            bench.time.advance(by: .seconds(3600))
            try await bench.work()
            #expect(mail.received.count == 1)
            #expect(try await bench.store.depth() == QueueDepth(waiting: 0, claimed: 0, inFlight: 0))
        }
    }

    @Test func `the provider's word that it never took the message frees the slot, until something says otherwise`()
        async throws
    {
        let mail = ScriptedProvider("mail", .email, .ambiguous)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            func counted() async throws -> Int {
                try await bench.store.facts(recipient: "ann", horizon: .seconds(86_400)).ledger
                    .count { $0.state != .released }
            }
            #expect(try await counted() == 1)
            try await report(bench, [receipt(.rejected, id)])
            #expect(try await bench.last(id).state == .failed)
            #expect(try await bench.last(id).reason == "rejected")
            #expect(try await counted() == 0)
            try await report(bench, [receipt(.opened, id)])
            #expect(try await bench.last(id).state == .opened)
            #expect(try await counted() == 1)
        }
    }

    @Test func `a hard bounce and a complaint stop the address at the next decision, an unsubscription its category`()
        async throws
    {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            try await report(bench, [receipt(.bouncedHard, id), receipt(.complained, id), receipt(.unsubscribed, id)])
            let address = DispatchBench.ann.address(on: .email)!
            let found = try await bench.store.suppressions(subject: address.subject, limit: 10)
            #expect(Set(found.map(\.reason)) == [.hardBounce, .complaint, .unsubscribed])
            #expect(found.allSatisfy { $0.channel == .email && $0.label == "a…@example.com" })
            #expect(found.first { $0.reason == .unsubscribed }?.category == "marketing")
            #expect(found.allSatisfy { $0.source == "receipt:mail" })
            let next = try await bench.enqueue()
            try await bench.work()
            #expect(try await bench.last(next).state == .dropped)
            #expect(mail.received.count == 1)
        }
    }

    @Test func `a bounce stops the address that its provider was given, also when the message went on elsewhere`()
        async throws
    {
        let push = ScriptedProvider("push", .push, .contentRejected)
        try await DispatchBench.run(push, ScriptedProvider("mail", .email, .accepted)) { bench in
            let id = try await bench.enqueue(channels: [.push, .email])
            try await bench.work()
            #expect(try await bench.last(id).provider == "mail")
            try await report(bench, [receipt(.bouncedHard, id, provider: "push")])
            let token = DispatchBench.ann.address(on: .push)!
            let mailbox = DispatchBench.ann.address(on: .email)!
            #expect(
                try await bench.store.suppressions(subject: token.subject, limit: 10).map(\.reason) == [.invalidToken])
            #expect(try await bench.store.suppressions(subject: mailbox.subject, limit: 10).isEmpty)
        }
    }

    @Test func `a receipt that comes before our own record of the send is kept and applied then`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            let claimed = try await bench.store.claim(limit: 1, lease: .seconds(60), channels: [.email])
            let request = AdmissionRequest(
                delivery: claimed[0].claim.delivery, epoch: claimed[0].claim.epoch, message: claimed[0].message,
                channel: .email, provider: "mail")
            let results = try await bench.store.admit(
                [request], policyVersion: 1, horizon: .seconds(86_400), attemptTimeout: .seconds(30)
            ) { request, facts, _ in
                AdmissionDecision(
                    verdict: .send(
                        facts.profile!.address(on: .email)!,
                        ContactTraits(message: request.message.draft, channel: .email)), policyVersion: 1)
            }
            guard case .admitted(let admitted) = results[0] else { throw StoreError(.io, "it was not admitted") }
            try await report(bench, [receipt(.opened, id)])
            #expect(try await bench.last(id).state == .attempting)
            let change = DeliveryChange(.sent, attempt: 1, channel: .email, provider: "mail")
            try await bench.store.record([
                AttemptRecord(
                    ledgerID: admitted.ledgerID, delivery: admitted.delivery, proof: .sent, change: change)
            ])
            bench.time.advance(by: .seconds(1))
            try await processor(bench).processOnce()
            #expect(try await bench.last(id).state == .opened)
        }
    }

    @Test func `a provider's own signature speaks only of what that provider was given`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            try await report(bench, [receipt(.complained, id, provider: "other", isSigned: true)])
            #expect(try await bench.last(id).state == .sent)
            try await report(bench, [receipt(.converted, id, provider: "shop")])
            #expect(try await bench.last(id).state == .converted)
            let rows = try await bench.store.receipts(of: id, limit: 10)
            #expect(Set(rows.map(\.standing)) == [.applied, .ignored])
            #expect(rows.contains { $0.note == "the message was not sent through other" })
        }
    }

    @Test func `nothing is believed of a delivery that was never sent`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await report(bench, [receipt(.opened, id)])
            #expect(try await bench.last(id).state == .queued)
            try await bench.work()
            #expect(try await bench.last(id).state == .sent)
        }
    }

    // MARK: I18

    /// Everything that receipts change, except times and sequence numbers.
    private struct Aftermath: Equatable {
        var state: DeliveryState
        var reason: String
        var detail: String
        var ledger: [LedgerEntry.State]
        var suppressions: Set<String>
        var engagement: Engagement
        var prior: Engagement
        var totals: [DeliveryState: Int]
    }

    private func aftermath(
        of outcome: Outcome.Kind, _ script: (MessageID) -> [[Receipt]]
    ) async throws -> Aftermath {
        var result: Aftermath?
        let mail = ScriptedProvider("mail", .email, outcome)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            // Processed in the same hour, so that "now" limits all times equally.
            bench.time.advance(by: .seconds(86_400))
            for batch in script(id) { try await report(bench, batch) }
            let last = try await bench.last(id)
            let subject = DispatchBench.ann.address(on: .email)!.subject
            let suppressions = try await bench.store.suppressions(subject: subject, limit: 100)
            let (own, prior) = try await bench.store.engagement(of: "ann")
            let facts = try await bench.store.facts(recipient: "ann", horizon: .seconds(7 * 86_400))
            result = Aftermath(
                state: last.state, reason: last.reason, detail: last.detail,
                ledger: facts.ledger.map(\.state).filter { $0 != .released },
                suppressions: Set(suppressions.map { "\($0.reason) \($0.category ?? "")" }), engagement: own,
                prior: prior, totals: try await bench.store.totals())
        }
        return try #require(result)
    }

    @Test(arguments: [Outcome.Kind.accepted, .ambiguous], 1...10)
    func `receipts in any order and with any repetition leave the same behind`(
        outcome: Outcome.Kind, seed: Int
    ) async throws {
        var dice = SeededDice(seed: UInt64(seed))
        let picks: [(Receipt.Kind, Int, String?)] = (0..<Int.random(in: 2...7, using: &dice)).map { number in
            (
                Receipt.Kind.allCases.randomElement(using: &dice)!, Int.random(in: 0..<5, using: &dice) * 3600,
                Bool.random(using: &dice) ? "event-\(number)" : nil
            )
        }
        func all(_ id: MessageID) -> [Receipt] {
            picks.map { receipt($0.0, id, after: .seconds($0.1), eventID: $0.2) }
        }
        let expected = try await aftermath(of: outcome) { [all($0)] }
        for _ in 0..<3 {
            var order = dice
            let found = try await aftermath(of: outcome) { id in
                let told = (all(id) + all(id) + all(id)).shuffled(using: &order)
                // Some in one batch, some one by one.
                let cut = Int.random(in: 0...told.count, using: &order)
                return [Array(told[..<cut])] + told[cut...].map { [$0] }
            }
            dice = order
            #expect(found == expected, "\(picks)")
        }
    }

    // MARK: Escalation

    private func escalating(
        _ bench: DispatchBench, until: Escalation.Success = .opened, expiresAt: Instant? = nil,
        category: String = "marketing"
    ) async throws -> MessageID {
        let draft = MessageDraft(
            recipient: "ann", template: "hello", category: category, channels: [.push, .email], route: .escalate,
            expiresAt: expiresAt,
            escalation: Escalation(after: .seconds(7200), until: until))
        guard case .accepted(let id) = try await bench.store.enqueue([Submission(draft: draft)])[0] else {
            throw StoreError(.io, "not accepted")
        }
        return id
    }

    /// Processes everything that becomes due until an instant.
    private func work(_ bench: DispatchBench, until end: Instant) async throws {
        try await bench.work()
        for _ in 0..<50 {
            guard let dueAt = try await bench.store.nextDueAt(), dueAt <= end else { break }
            if dueAt > bench.time.now() { bench.time.set(dueAt) }
            try await bench.work()
        }
        bench.time.set(end)
    }

    @Test func `the next channel goes out when the time has passed without success, not before`() async throws {
        let push = ScriptedProvider("fcm", .push, .accepted)
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(push, mail) { bench in
            let id = try await escalating(bench)
            try await work(bench, until: DispatchBench.start + .seconds(7199))
            #expect(push.received.count == 1 && mail.received.isEmpty)
            try await report(bench, [receipt(.delivered, id, provider: "fcm")])
            try await work(bench, until: DispatchBench.start + .seconds(7210))
            #expect(push.received.count == 1 && mail.received.count == 1)
            #expect(mail.received[0].delivery == id.delivery(1))
            #expect(try await bench.store.totals() == [.delivered: 1, .sent: 1])
        }
    }

    @Test func `the next channel is cancelled with the reason when the success has come`() async throws {
        let push = ScriptedProvider("fcm", .push, .accepted)
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(push, mail) { bench in
            let id = try await escalating(bench)
            try await work(bench, until: DispatchBench.start + .seconds(3600))
            try await report(bench, [receipt(.clicked, id, provider: "fcm")])
            let last = try await bench.store.history(of: id).last { $0.delivery == id.delivery(1) }
            #expect(last?.state == .cancelled && last?.reason == "escalation_met" && last?.detail == "push is clicked")
            try await work(bench, until: DispatchBench.start + .seconds(9000))
            #expect(mail.received.isEmpty)
        }
    }

    @Test func `a channel that may have reached the person stays unknown when an earlier one succeeds`() async throws {
        let push = ScriptedProvider("fcm", .push, .accepted)
        let mail = ScriptedProvider("mail", .email, .ambiguous)
        try await DispatchBench.run(push, mail) { bench in
            let id = try await escalating(bench, category: "transactional")
            try await work(bench, until: DispatchBench.start + .seconds(7205))
            #expect(mail.received.count == 1)
            try await report(bench, [receipt(.clicked, id, provider: "fcm")])
            let last = try await bench.store.history(of: id).last { $0.delivery == id.delivery(1) }
            #expect(last?.state == .unknown && last?.reason == "escalation_met" && last?.possibleDuplicate == true)
            #expect(try await bench.store.totals() == [.clicked: 1, .unknown: 1])
            try await work(bench, until: DispatchBench.start + .seconds(9000))
            #expect(mail.received.count == 1, "and is not sent again")
        }
    }

    @Test func `a channel whose turn would come too late expires in time, not at its turn`() async throws {
        let push = ScriptedProvider("fcm", .push, .accepted)
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(push, mail) { bench in
            let end = DispatchBench.start + .seconds(600)
            let id = try await escalating(bench, expiresAt: end)
            try await work(bench, until: end)
            let last = try await bench.store.history(of: id).last { $0.delivery == id.delivery(1) }
            #expect(last?.state == .expired && last?.at == end)
            #expect(mail.received.isEmpty)
        }
    }

    @Test func `a channel that fails is not waited for`() async throws {
        let push = ScriptedProvider("fcm", .push, .recipientGone)
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(push, mail) { bench in
            _ = try await escalating(bench)
            try await work(bench, until: DispatchBench.start + .seconds(60))
            #expect(push.received.count == 1 && mail.received.count == 1)
        }
    }

    @Test func `what an escalation waits for survives a restart, because it is read from the stored rows`() async throws
    {
        let push = ScriptedProvider("fcm", .push, .accepted)
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(push, mail) { bench in
            _ = try await escalating(bench)
            try await work(bench, until: DispatchBench.start + .seconds(600))
            let again = try await bench.restarted()
            try await work(again, until: DispatchBench.start + .seconds(7100))
            #expect(mail.received.isEmpty)
            try await work(again, until: DispatchBench.start + .seconds(7300))
            #expect(mail.received.count == 1 && push.received.count == 1)
            await again.store.close()
        }
    }
}

/// SplitMix64.
struct SeededDice: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
