import SobreModel
import SobreStore
import Testing

@testable import SobreSQLite
import SobreSettings

/// A store with people who share addresses and go by several names, and whose contacts come, are taken back by receipts
/// and come again.
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

    /// Closes the store, which files everything, and opens it again.
    func reopened(_ directory: String) async throws -> LedgerStory {
        await store.close()
        return try Self.open(directory, time)
    }

    func ledger(_ person: String) async throws -> [LedgerEntry] {
        try await store.facts(recipient: person, horizon: Self.horizon).ledger
    }

    /// Sends one message to each, all at the same time, and records what came of it. Everything that a contact remembers
    /// is something, and something else for each.
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

    /// Lets receipts say of attempts that they were none, or were some after all. One message each.
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

    /// A table's rows, each as text, sorted.
    func rows(_ table: String) async throws -> [String] {
        try await store.writer.perform(.reads) { core throws(StoreError) in try core.rows(table) }
    }

    /// Forgets the attempts, and what memory knows of them.
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
        // An aggregate: of a table that is not there it is NULL.
        guard try columns.step(), let list = columns.optionalString(0) else { return [] }
        columns.reset()
        let row = try cold("SELECT \(list) FROM \(table) ORDER BY 1")
        var rows: [String] = []
        while try row.step() { rows.append(row.string(0)) }
        return rows
    }
}
