import Postgres
import SobreModel
import SobreStore

/// The columns of an entry of the delivery log.
enum LogRow {
    static let list = """
        log.id, log.delivery, log.at, log.state, log.reason, log.number, log.channel, log.provider, log.provider_id, \
        log.detail, log.due_at, log.possible_duplicate, log.policy_version, log.template_version, log.explanation
        """
    /// The newest entry of each of these deliveries.
    static let last = PreparedStatement(
        "log_last",
        """
        SELECT DISTINCT ON (delivery) \(list) FROM log WHERE bucket = ANY($1) AND delivery = ANY($2)
        ORDER BY delivery, id DESC
        """)

    static func read(_ row: ResultRow) throws -> LogEntry {
        let id = try row.int(0)
        return LogEntry(
            sequence: id, delivery: DeliveryID(rawValue: try row.int(1)), at: Instant(milliseconds: try row.int(2)),
            state: try row.value(3, in: "log.state", of: id), reason: try row.text(4), attempt: Int(try row.int(5)),
            channel: try row.isNull(6) ? nil : try row.value(6, in: "log.channel", of: id),
            provider: try row.optionalText(7), providerID: try row.optionalText(8), detail: try row.text(9),
            dueAt: try row.instant(10), possibleDuplicate: try row.bool(11), policyVersion: Int(try row.int(12)),
            templateVersion: try row.text(13), explanation: try row.optionalBytes(14))
    }
}
