import SobreModel
import SobreStore

/// The columns of `unsent`. They follow from the newest log entry of a delivery and its campaign.
enum UnsentColumns {
    static let insert = "INSERT OR IGNORE INTO unsent VALUES (?, ?, ?, ?, ?, ?)"
    static let delete = """
        DELETE FROM unsent WHERE state = ? AND campaign = ? AND reason = ? AND channel = ? AND since = ? AND delivery = ?
        """

    static func bind(_ entry: LogEntry, _ campaign: KeyHash, to row: Statement) {
        row.bind(1, Int64(entry.state.rawValue)).bind(2, campaign).bind(3, entry.reason)
            .bind(4, Int64(entry.channel?.rawValue ?? 0)).bind(5, entry.at).bind(6, entry.delivery.rawValue)
    }
}

extension Core {
    /// Removes a delivery from `unsent` before it leaves its state.
    ///
    /// - Parameters:
    ///   - last: the newest entry of its log.
    ///   - campaign: the campaign of its message.
    /// - Throws: `StoreError` when the row cannot be removed.
    func takeFromUnsent(_ last: LogEntry, _ campaign: KeyHash) throws(StoreError) {
        guard last.state.isUnsent else { return }
        let row = try cold(UnsentColumns.delete)
        UnsentColumns.bind(last, campaign, to: row)
        try row.run()
    }
}

extension KeyHash {
    /// The key hash of a campaign.
    static func campaign(_ name: String?) -> KeyHash { name.map { KeyHash($0) } ?? .none }
}
