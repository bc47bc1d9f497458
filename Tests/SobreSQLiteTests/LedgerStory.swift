import SobreModel
import SobreStore
import Testing

@testable import SobreSQLite
import SobreSettings

/// A store with recipients who share addresses and have several names. Their contacts are added, released by receipts
/// and committed again.
struct LedgerStory {
    let store: SQLiteStore
    let time: VirtualTime

    static let horizon = Duration.seconds(40 * 86_400)

    static func open(
        _ directory: String, _ time: VirtualTime = VirtualTime(.epoch + .seconds(86_400)),
        maxPendingIndexRows: Int = 65_536
    ) throws -> LedgerStory {
        var configuration = SQLiteConfiguration()
        configuration.limits.maxPendingIndexRows = maxPendingIndexRows
        return LedgerStory(
            store: try SQLiteStore.open(directory: directory, time: time, configuration: configuration), time: time)
    }

    /// Closes the store, which writes all pending index rows, and opens it again.
    func reopened(_ directory: String) async throws -> LedgerStory {
        await store.close()
        return try Self.open(directory, time)
    }

    func ledger(_ person: String) async throws -> [LedgerEntry] {
        try await store.facts(recipient: person, horizon: Self.horizon).ledger
    }

    /// Sends one message to each recipient, all at the same time, and records the outcomes. Every field of a contact
    /// has a value, and each contact has different values.
    @discardableResult
    func send(to people: [String], address: String? = nil, proof: Outcome.Proof = .sent) async throws -> [Int64] {
        time.advance(by: .seconds(1))
        _ = try await store.enqueue(
            people.map { person in
                Submission(
                    draft: MessageDraft(
                        recipient: person, template: "t-\(person)", campaign: "c-\(person)", journey: "j-\(person)",
                        category: "marketing", topic: "o-\(person)", tags: ["a/b", "c-\(person)"], channels: [.sms],
                        tenant: "shop-\(person)", isTest: person.utf8.count % 2 == 0))
            })
        let claimed = try await store.claim(limit: people.count, lease: .seconds(60), channels: [.sms])
        let requests = claimed.map {
            AdmissionRequest(
                delivery: $0.claim.delivery, epoch: $0.claim.epoch, message: $0.message, channel: .sms, provider: "p")
        }
        let results = try await store.admit(
            requests, policyVersion: 1, horizon: .seconds(1), attemptTimeout: .seconds(30)
        ) { request, facts, _ in
            let draft = request.message.draft
            let own = facts.profile?.addresses.first
            return AdmissionDecision(
                verdict: .send(
                    address.map { Address(channel: .sms, value: $0) } ?? own
                        ?? Address(channel: .sms, value: "+1202555\(draft.recipient)"),
                    ContactTraits(
                        message: draft, channel: .sms, countsTowardCaps: draft.recipient.utf8.count % 3 != 0,
                        dedupKey: KeyHash("d-\(request.delivery)"), fingerprint: KeyHash("f-\(request.delivery)"))),
                policyVersion: 1)
        }
        // Admitted and recorded at different times.
        time.advance(by: .milliseconds(7))
        var records: [AttemptRecord] = []
        for case .admitted(let admitted) in results {
            let change = DeliveryChange(
                proof == .sent ? .unknown : .failed, attempt: 1, channel: .sms, provider: "p")
            records.append(
                AttemptRecord(
                    ledgerID: admitted.ledgerID, delivery: admitted.delivery, proof: proof, change: change))
        }
        try #require(records.count == people.count)
        try await store.record(records)
        return records.map(\.ledgerID)
    }

    /// Makes receipts release attempts or commit them again. One message each.
    func correct(_ attempts: [Int64], to state: LedgerEntry.State) async throws {
        try await store.writer.perform { core throws(StoreError) in
            for id in attempts {
                let row = core.sql.attempt.bind(1, id)
                guard try row.step() else { continue }
                let delivery = try AttemptColumns.entry(row).delivery
                row.reset()
                var effect = ReceiptEffect(fold: ReceiptFold([:]))
                if state == .released { effect.released = [id] } else { effect.committed = [id] }
                var round = ReceiptRound()
                try core.apply(effect, to: delivery, now: core.now(), &round)
            }
        }
    }

    /// The rows of a table, each as text, sorted.
    func rows(_ table: String) async throws -> [String] {
        try await store.writer.perform(.reads) { core throws(StoreError) in try core.rows(table) }
    }

    /// Deletes the attempts and clears the cached ledgers.
    func loseAttempts() async throws {
        try await store.writer.perform { core throws(StoreError) in
            try core.cold("DELETE FROM attempt").run()
            core.ledgers.removeAll()
        }
    }
}

extension Core {
    fileprivate func rows(_ table: String) throws(StoreError) -> [String] {
        let columns = try cold(
            "SELECT group_concat('quote(' || name || ')', ' || '' '' || ') FROM pragma_table_info(?)"
        )
        .bind(1, table)
        // An aggregate is NULL for a table that does not exist.
        guard try columns.step(), let list = columns.optionalString(0) else { return [] }
        columns.reset()
        let row = try cold("SELECT \(list) FROM \(table) ORDER BY 1")
        var rows: [String] = []
        while try row.step() { rows.append(row.string(0)) }
        return rows
    }
}
