import SobreModel
import SobreSQLite
import SobreStore

/// Fills a store with contacts through its own protocol: every row is enqueued, admitted and recorded.
struct LedgerFilling {
    let store: SQLiteStore
    let clock: VirtualTime
    let people: Int

    /// The days over which the contacts are spread.
    static let days = 20
    private static let batch = 500

    static func person(_ index: Int) -> String { "person-\(index)" }

    func putPeople() async throws {
        for start in stride(from: 0, to: people, by: 1000) {
            try await store.put(
                (start..<min(start + 1000, people)).map { index in
                    Profile(
                        id: Self.person(index),
                        addresses: [Address(channel: .sms, value: "+1202\(7_000_000 + index)")],
                        consents: [Consent(category: "marketing", granted: true, at: .epoch)])
                })
        }
    }

    /// Creates these of all `total` contacts, one after the other over all recipients. The very last one is at `end`.
    func fill(_ numbers: Range<Int>, of total: Int, until end: Instant) async throws {
        let span = Int64(Self.days) * 86_400_000
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: Self.batch) {
            let range = start..<min(start + Self.batch, numbers.upperBound)
            clock.set(end - .milliseconds(span - span * Int64(start) / Int64(max(total, 1))))
            let submissions = range.map { number in
                Submission(
                    draft: MessageDraft(
                        recipient: Self.person(number % people), template: "offer", campaign: "c\(number % 7)",
                        channels: [.sms]))
            }
            _ = try await store.enqueue(submissions)
            try await send(range.count)
        }
    }

    private func send(_ count: Int) async throws {
        let claimed = try await store.claim(limit: count, lease: .seconds(60), channels: [.sms])
        let requests = claimed.map {
            AdmissionRequest(
                delivery: $0.claim.delivery, epoch: $0.claim.epoch, message: $0.message, channel: .sms, provider: "p")
        }
        let results = try await store.admit(
            requests, policyVersion: 1, horizon: .seconds(1), attemptTimeout: .seconds(30), deciding: Self.sendsAll)
        var records: [AttemptRecord] = []
        for (request, result) in zip(requests, results) {
            guard case .admitted(let admitted) = result else { continue }
            let change = DeliveryChange(.sent, attempt: 1, channel: .sms, provider: "p")
            records.append(
                AttemptRecord(ledgerID: admitted.ledgerID, delivery: request.delivery, proof: .sent, change: change))
        }
        guard records.count == count else {
            throw StoreError(.internal, "\(records.count) of \(count) contacts were made; the store holds others.")
        }
        try await store.record(records)
    }

    private static let sendsAll: AdmissionDecider = { request, facts, _ in
        AdmissionDecision(
            verdict: .send(
                facts.profile?.addresses.first ?? Address(channel: .sms, value: "+12027000000"),
                ContactTraits(message: request.message.draft, channel: .sms)), policyVersion: 1)
    }
}
