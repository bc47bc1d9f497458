import SobreModel
import SobreStore

/// Reads the log entries of single messages and deliveries, those that are stored and those that are derived.
///
/// Like the connection, it may be used only on the connection's thread.
final class DeliveryEntries {
    /// The sequence numbers of a delivery's stored entries, as a subquery. Parameter 1 is the delivery.
    ///
    /// For an open attempt it also gives the attempt's ID, the number of an entry that is not stored.
    static let sequences = """
        SELECT seq FROM log WHERE delivery = ?1 AND is_outcome = 0
        UNION ALL SELECT last_entry FROM attempt WHERE delivery = ?1 AND last_entry IS NOT NULL
        """
    /// The IDs of a delivery's attempts, as a subquery. Parameter 1 is the delivery.
    static let attempts = """
        SELECT attempt FROM log WHERE delivery = ?1 AND is_outcome = 0 AND attempt IS NOT NULL
        UNION SELECT id FROM attempt WHERE delivery = ?1 AND last_entry IS NOT NULL
        """

    private let connection: OpaquePointer
    private var statements: [String: Statement] = [:]

    init(_ connection: OpaquePointer) { self.connection = connection }

    /// The newest entry of a delivery. Nil when there is no such delivery.
    func last(of delivery: DeliveryID) throws(StoreError) -> LogEntry? {
        let newest = try prepared("SELECT max(seq) FROM (\(Self.sequences))").bind(1, delivery.rawValue)
        defer { newest.reset() }
        guard try newest.step(), let sequence = newest.optionalInt(0) else { return try first(of: delivery) }
        if let entry = try stored(sequence) { return entry }
        return try begun(sequence)
    }

    /// All entries of a message's deliveries, oldest first.
    func all(of message: MessageID) throws(StoreError) -> [LogEntry] {
        var entries: [LogEntry] = []
        if let accepted = try accepted(message) {
            entries += (0..<accepted.deliveryCount).map { slot in accepted.entry(slot: slot) }
        }
        let (first, last) = (message.rawValue, message.rawValue | DeliveryID.slotMask)
        let begun = try prepared(
            "SELECT \(LogColumns.ofAttempt) FROM attempt WHERE delivery BETWEEN ? AND ? AND last_entry IS NOT NULL"
        ).bind(1, first).bind(2, last)
        while try begun.step() { entries.append(try LogColumns.read(begun, isOfAttempt: true)) }
        let stored = try prepared(
            """
            SELECT \(LogColumns.list) FROM log WHERE delivery BETWEEN ?1 AND ?2 AND is_outcome = 0
            UNION ALL SELECT \(LogColumns.list) FROM attempt CROSS JOIN log ON log.seq = attempt.last_entry
            WHERE attempt.delivery BETWEEN ?1 AND ?2
            """
        ).bind(1, first).bind(2, last)
        while try stored.step() { entries.append(try LogColumns.read(stored)) }
        return entries.sorted { $0.sequence < $1.sequence }
    }

    private func stored(_ sequence: Int64) throws(StoreError) -> LogEntry? {
        let row = try prepared("SELECT \(LogColumns.list) FROM log WHERE seq = ?").bind(1, sequence)
        defer { row.reset() }
        return try row.step() ? try LogColumns.read(row) : nil
    }

    private func begun(_ attempt: Int64) throws(StoreError) -> LogEntry? {
        let row = try prepared("SELECT \(LogColumns.ofAttempt) FROM attempt WHERE id = ?").bind(1, attempt)
        defer { row.reset() }
        return try row.step() ? try LogColumns.read(row, isOfAttempt: true) : nil
    }

    private func first(of delivery: DeliveryID) throws(StoreError) -> LogEntry? {
        guard let accepted = try accepted(delivery.message), delivery.slot < accepted.deliveryCount else { return nil }
        return accepted.entry(slot: delivery.slot)
    }

    private func accepted(_ message: MessageID) throws(StoreError) -> AcceptedMessage? {
        let row = try prepared("SELECT \(AcceptedMessage.list) FROM message WHERE id = ?").bind(1, message.rawValue)
        defer { row.reset() }
        return try row.step() ? try AcceptedMessage(row) : nil
    }

    private func prepared(_ sql: String) throws(StoreError) -> Statement {
        if let statement = statements[sql] { return statement }
        let statement = try Statement(sql, on: connection)
        statements[sql] = statement
        return statement
    }
}
