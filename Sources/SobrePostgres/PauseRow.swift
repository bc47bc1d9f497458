import Postgres
import SobreModel
import SobreStore

/// The columns of a pause.
enum PauseRow {
    static let list = """
        id, section, since, until, reason, ordered_by, campaign, category, channel, journey, provider, template, tenant
        """
    static let all = PreparedStatement("pause_all", "SELECT \(list) FROM pause ORDER BY id")

    static func read(_ row: ResultRow) throws -> (pause: SendingPause, section: Int64) {
        let id = try row.int(0)
        let filter = DeliveryFilter(
            campaign: try row.optionalText(6), category: try row.optionalText(7),
            channel: try row.isNull(8) ? nil : try row.value(8, in: "pause.channel", of: id),
            journey: try row.optionalText(9), provider: try row.optionalText(10), template: try row.optionalText(11),
            tenant: try row.optionalText(12))
        let pause = SendingPause(
            id: id, filter: filter, since: Instant(milliseconds: try row.int(2)), until: try row.instant(3),
            reason: try row.text(4), by: try row.text(5))
        return (pause, try row.int(1))
    }
}
