public import SobreModel
import SobreSettings
public import SobreStore

extension SQLiteReader: StateStore {
    /// What it costs to read a message and the newest log entry of a delivery, in rows of an index.
    private static let messageCost = 40

    public func messages(
        _ filter: StateFilter, after cursor: StateCursor?, limit: Int
    ) async throws(StoreError) -> StatePage {
        let start = cursor.flatMap { StatePlace($0) }
        guard cursor == nil || start != nil else {
            throw StoreError(.cursor, "The cursor was not made by this store; begin without one.")
        }
        let budget = configuration.limits.maxPageRows
        return try await read { db throws(StoreError) in
            let names = try filter.recipient.map { id throws(StoreError) in
                try PersonNames(of: .recipient(id), on: db).list
            }
            var walk = try StateWalk(filter, names: names, from: start, budget: budget, on: db)
            let source = try MessageStatusSource(db)
            var page = StatePage(rows: [], next: nil)
            while page.rows.count < limit, let find = try walk.next() {
                walk.budget -= Self.messageCost
                guard var row = try source.row(find.message) else { continue }
                row.matching = row.last.filter { filter.matches($0, of: row.message) }.map(\.delivery)
                // A message is listed where the first of its matching deliveries is found.
                guard let first = row.matching.first, find.delivery == nil || find.delivery == first else { continue }
                page.rows.append(row)
            }
            if !walk.isDone {
                guard let next = walk.place.cursor else {
                    throw StoreError(.internal, "A place in the list of messages cannot be written as a cursor.")
                }
                page.next = next
            }
            return page
        }
    }

    public func messages(_ ids: [MessageID]) async throws(StoreError) -> [MessageStatus] {
        try await read { db throws(StoreError) in
            let source = try MessageStatusSource(db)
            var rows: [MessageStatus] = []
            for id in ids { if let row = try source.row(id) { rows.append(row) } }
            return rows
        }
    }

    public func possiblySent(_ deliveries: [DeliveryID]) async throws(StoreError) -> Set<DeliveryID> {
        try await read { db throws(StoreError) in
            let evidence = try SendEvidence(on: db)
            var sent: Set<DeliveryID> = []
            for delivery in deliveries where try evidence.mayHaveBeenSent(delivery) { sent.insert(delivery) }
            return sent
        }
    }
}

/// Reads messages with the newest log entry of each delivery, on the connection's thread.
private struct MessageStatusSource {
    private let entries: DeliveryEntries
    private let message: Statement

    init(_ db: OpaquePointer) throws(StoreError) {
        entries = DeliveryEntries(db)
        message = try Statement("SELECT \(MessageColumns.list) FROM message WHERE id = ?", on: db)
    }

    func row(_ id: MessageID) throws(StoreError) -> MessageStatus? {
        message.bind(1, id.rawValue)
        defer { message.reset() }
        guard try message.step() else { return nil }
        var row = MessageStatus(message: try MessageColumns.read(message), last: [])
        for delivery in row.message.deliveries {
            if let last = try entries.last(of: delivery) { row.last.append(last) }
        }
        return row
    }
}

/// What the ledger knows of a delivery: an attempt that is reserved or committed may have reached a provider.
final class SendEvidence {
    static let sql =
        "SELECT 1 FROM attempt WHERE delivery = ? AND state <> \(LedgerEntry.State.released.rawValue) LIMIT 1"

    private let attempt: Statement

    init(on db: OpaquePointer) throws(StoreError) { attempt = try Statement(Self.sql, on: db) }

    func mayHaveBeenSent(_ delivery: DeliveryID) throws(StoreError) -> Bool {
        attempt.bind(1, delivery.rawValue)
        defer { attempt.reset() }
        return try attempt.step()
    }
}
