import Logging
import SobreAdmission
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Testing

@Suite("Openings and clicks without consent to tracking") struct TrackingConsentTests {
    private static let rule = "tracking: {requires_consent: true}"

    private func report(
        _ bench: DispatchBench, _ kinds: [Receipt.Kind], of id: MessageID, under yaml: String = rule,
        event: String = "e", at: Instant? = nil
    ) async throws {
        let policy = try Policy.parse(text: yaml)
        let receipts = kinds.map { kind in
            Receipt(
                provider: "mail", eventID: "\(event)-\(kind)", delivery: id.delivery(0), providerID: "p-1", kind: kind,
                at: at ?? bench.time.now(), detail: "a mail program")
        }
        _ = try await bench.store.append(receipts, maxWaiting: 100)
        let processor = ReceiptProcessor(
            store: bench.store,
            policy: ReceiptPolicy(
                hourOfWeek: { profile, at in policy.hourOfWeek(of: profile, at: at) },
                mayTrack: { policy.mayTrack($0, on: $1, at: $2, now: $3) }),
            limits: ReceiptLimits(), time: bench.time, logger: Logger(label: "tracking-test"))
        try await processor.processOnce()
    }

    private func consents(_ bench: DispatchBench, _ consents: [Consent]) async throws {
        var ann = DispatchBench.ann
        ann.consents = consents
        try await bench.store.put([ann])
    }

    private func sent(_ bench: DispatchBench) async throws -> MessageID {
        let id = try await bench.enqueue()
        try await bench.work()
        return id
    }

    @Test func `Without consent, an opening is counted without the recipient, and nothing else says that it happened`()
        async throws
    {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await sent(bench)
            try await report(bench, [.delivered, .opened, .clicked], of: id)
            #expect(try await bench.last(id).state == .delivered)
            let (own, prior) = try await bench.store.engagement(of: "ann")
            #expect(own == .none && prior == .none)
            #expect(try await bench.store.receiptTotals() == [.applied: 1, .anonymous: 2])
            // What identified the message is gone.
            #expect(try await bench.store.receipts(of: id, limit: 10).map(\.receipt.kind) == [.delivered])
            let anonymous = try await bench.store.receipts(of: nil, limit: 2)
            for row in anonymous {
                #expect(row.standing == .anonymous)
                #expect(row.receipt.delivery == nil && row.receipt.providerID == nil && row.receipt.eventID == nil)
                #expect(row.receipt.detail.isEmpty)
                #expect(row.note == "counted without the recipient, who has not consented to tracking")
            }
            // A repetition is still recognised.
            try await report(bench, [.opened, .clicked], of: id)
            #expect(try await bench.store.receiptTotals() == [.applied: 1, .anonymous: 2])
        }
    }

    @Test func `With consent, openings and clicks count, by channel`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            try await consents(bench, [Consent(category: "Tracking", channel: .email, granted: true, at: .epoch)])
            let id = try await sent(bench)
            try await report(bench, [.opened], of: id)
            #expect(try await bench.last(id).state == .opened)
            #expect(try await bench.store.engagement(of: "ann").own[.email] == .init(delivered: 1, opened: 1))
        }
    }

    @Test(arguments: [
        // Refused, refused after a grant, granted on another channel, granted after the event.
        [Consent(category: "tracking", granted: false)],
        [
            Consent(category: "tracking", granted: true, at: .epoch),
            Consent(category: "tracking", granted: false, at: DispatchBench.start),
        ],
        [Consent(category: "tracking", channel: .sms, granted: true)],
        [Consent(category: "tracking", granted: true, at: DispatchBench.start + .seconds(60))],
        [Consent(category: "marketing", granted: true)],
    ])
    func `Only a grant on the channel that was in force at the event counts`(list: [Consent]) async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await sent(bench)
            bench.time.advance(by: .seconds(120))
            try await consents(bench, list)
            try await report(bench, [.opened], of: id, at: DispatchBench.start)
            #expect(try await bench.last(id).state == .sent)
            #expect(try await bench.store.receiptTotals() == [.anonymous: 1])
        }
    }

    @Test func `A consent that was withdrawn ends the counting, and what was counted stays`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            try await consents(bench, [Consent(category: "tracking", granted: true, at: .epoch)])
            let id = try await sent(bench)
            try await report(bench, [.opened], of: id)
            let before = try await bench.store.engagement(of: "ann").own
            try await consents(bench, [Consent(category: "tracking", granted: false, at: DispatchBench.start)])
            try await report(bench, [.opened, .clicked], of: id, event: "later")
            #expect(try await bench.store.engagement(of: "ann").own == before)
            #expect(try await bench.last(id).state == .opened)
        }
    }

    @Test func `An opening without consent still proves that a message of unknown outcome was accepted`() async throws {
        let mail = ScriptedProvider("mail", .email, .ambiguous, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue(category: "transactional")
            try await bench.work()
            #expect(try await bench.last(id).state == .deferred)
            try await report(bench, [.opened], of: id)
            #expect(try await bench.last(id).state == .sent)
            #expect(try await bench.last(id).detail.isEmpty)
            bench.time.advance(by: .seconds(3600))
            try await bench.work()
            #expect(mail.received.count == 1)
        }
    }

    @Test func `A policy that asks for no consent counts everything`() async throws {
        for yaml in ["", "tracking: {requires_consent: false}"] {
            let mail = ScriptedProvider("mail", .email, .accepted)
            try await DispatchBench.run(mail) { bench in
                let id = try await sent(bench)
                try await report(bench, [.clicked], of: id, under: yaml)
                #expect(try await bench.store.engagement(of: "ann").own[.email].clicked == 1)
            }
        }
    }
}
