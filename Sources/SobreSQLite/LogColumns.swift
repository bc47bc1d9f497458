import SobreModel
import SobreStore

/// The columns of an entry of the delivery log.
enum LogColumns {
    static let list = """
        log.seq, log.delivery, log.at, log.state, log.reason, log.number, log.channel, log.provider, \
        log.provider_id, log.detail, log.due_at, log.possible_duplicate, log.policy_version, log.template_version, \
        log.explanation
        """
    static let count: Int32 = 15

    static func read(_ row: Statement) throws(StoreError) -> LogEntry {
        let id = row.int(0)
        return LogEntry(
            sequence: id, delivery: DeliveryID(rawValue: row.int(1)), at: Instant(milliseconds: row.int(2)),
            state: try row.value(3, in: "log.state", of: id), reason: row.string(4),
            attempt: Int(row.int(5)),
            channel: row.isNull(6) ? nil : try row.value(6, in: "log.channel", of: id),
            provider: row.optionalString(7), providerID: row.optionalString(8), detail: row.string(9),
            dueAt: row.instant(10), possibleDuplicate: row.int(11) != 0, policyVersion: Int(row.int(12)),
            templateVersion: row.string(13), explanation: row.optionalBytes(14))
    }
}

extension Core {
    /// Appends an entry and assigns its sequence number and time.
    ///
    /// - Parameters:
    ///   - entry: The entry to append.
    ///   - now: The entry's time.
    ///   - attempt: The ID of the ledger row that the entry belongs to.
    /// - Throws: `StoreError` when the row cannot be written.
    func log(_ entry: LogEntry, at now: Instant, attempt: Int64? = nil) throws(StoreError) {
        let row = sql.insertLog
        row.bind(1, snapshot.nextSequence).bind(2, entry.delivery.rawValue).bind(3, now)
            .bind(4, Int64(entry.state.rawValue)).bind(5, entry.reason).bind(6, Int64(entry.attempt))
            .bind(7, entry.channel.map { Int64($0.rawValue) }).bind(8, entry.provider).bind(9, entry.providerID)
            .bind(10, entry.detail).bind(11, entry.dueAt).bind(12, entry.possibleDuplicate ? 1 : 0)
            .bind(13, Int64(entry.policyVersion)).bind(14, entry.templateVersion).bind(15, attempt)
            .bind(16, entry.explanation)
        try row.run()
        snapshot.nextSequence += 1
    }
}
