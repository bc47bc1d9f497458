import SobreModel
import SobreStore

/// The columns of an entry of the delivery log.
enum LogColumns {
    static let list = """
        log.seq, log.delivery, log.at, log.state, log.reason, log.number, log.channel, log.provider, \
        log.provider_id, log.detail, log.due_at, log.possible_duplicate, log.policy_version, log.template_version, \
        log.explanation
        """
    /// The same columns of the entry that an attempt was begun, which is derived from the attempt.
    static let ofAttempt = """
        attempt.id, attempt.delivery, attempt.opened_at, \(DeliveryState.attempting.rawValue), '', attempt.number, \
        attempt.channel, attempt.provider, NULL, coalesce(attempt.summary, ''), NULL, attempt.possible_duplicate, \
        attempt.policy_version, attempt.template_version, NULL
        """
    static let count: Int32 = 15

    /// All columns of the table, those of `list` first.
    static let names = """
        seq, delivery, at, state, reason, number, channel, provider, provider_id, detail, due_at, possible_duplicate, \
        policy_version, template_version, explanation, attempt, is_outcome
        """

    /// Reads the columns of `list` or `ofAttempt`.
    static func read(_ row: Statement, isOfAttempt: Bool = false) throws(StoreError) -> LogEntry {
        let id = row.int(0)
        let channel: StaticString = isOfAttempt ? "attempt.channel" : "log.channel"
        return LogEntry(
            sequence: id, delivery: DeliveryID(rawValue: row.int(1)), at: Instant(milliseconds: row.int(2)),
            state: try row.value(3, in: "log.state", of: id), reason: row.string(4),
            attempt: Int(row.int(5)),
            channel: row.isNull(6) ? nil : try row.value(6, in: channel, of: id),
            provider: row.optionalString(7), providerID: row.optionalString(8), detail: row.string(9),
            dueAt: row.instant(10), possibleDuplicate: row.int(11) != 0, policyVersion: Int(row.int(12)),
            templateVersion: row.string(13), explanation: row.optionalBytes(14))
    }
}

extension Core {
    /// Appends an entry and assigns its sequence number and time. A delivery that ended unsent can be found by its state
    /// from then on.
    ///
    /// - Parameters:
    ///   - entry: The entry to append.
    ///   - campaign: The campaign of the delivery's message.
    ///   - now: The entry's time.
    ///   - attempt: The ID of the ledger row that the entry belongs to.
    ///   - isOutcome: True when `last_entry` of that row refers to the entry.
    /// - Throws: `StoreError` when the row cannot be written.
    func log(
        _ entry: LogEntry, of campaign: KeyHash, at now: Instant, attempt: Int64? = nil, isOutcome: Bool = false
    ) throws(StoreError) {
        let row = sql.insertLog
        row.bind(1, snapshot.nextSequence).bind(2, entry.delivery.rawValue).bind(3, now)
            .bind(4, Int64(entry.state.rawValue)).bind(5, entry.reason).bind(6, Int64(entry.attempt))
            .bind(7, entry.channel.map { Int64($0.rawValue) }).bind(8, entry.provider).bind(9, entry.providerID)
            .bind(10, entry.detail).bind(11, entry.dueAt).bind(12, entry.possibleDuplicate ? 1 : 0)
            .bind(13, Int64(entry.policyVersion)).bind(14, entry.templateVersion).bind(15, attempt)
            .bind(16, entry.explanation).bind(17, isOutcome ? 1 : 0)
        try row.run()
        snapshot.nextSequence += 1
        guard entry.state.isUnsent else { return }
        var entry = entry
        entry.at = now
        let unsent = try cold(UnsentColumns.insert)
        UnsentColumns.bind(entry, campaign, to: unsent)
        try unsent.run()
    }
}
