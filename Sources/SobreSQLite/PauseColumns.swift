import SobreModel
import SobreStore

/// The columns of a pause.
enum PauseColumns {
    static let list = """
        id, section, since, until, reason, ordered_by, campaign, category, channel, journey, provider, template, tenant
        """

    static func read(_ row: Statement) throws(StoreError) -> (pause: SendingPause, section: Int64) {
        let id = row.int(0)
        let filter = DeliveryFilter(
            campaign: row.optionalString(6), category: row.optionalString(7),
            channel: row.isNull(8) ? nil : try row.value(8, in: "pause.channel", of: id),
            journey: row.optionalString(9), provider: row.optionalString(10), template: row.optionalString(11),
            tenant: row.optionalString(12))
        let pause = SendingPause(
            id: id, filter: filter, since: Instant(milliseconds: row.int(2)), until: row.instant(3),
            reason: row.string(4), by: row.string(5))
        return (pause, row.int(1))
    }

    static func bind(_ pause: SendingPause, section: Int64, to row: Statement) {
        let filter = pause.filter
        row.bind(1, pause.id).bind(2, section).bind(3, pause.since).bind(4, pause.until).bind(5, pause.reason)
            .bind(6, pause.by).bind(7, filter.campaign).bind(8, filter.category)
            .bind(9, filter.channel.map { Int64($0.rawValue) }).bind(10, filter.journey).bind(11, filter.provider)
            .bind(12, filter.template).bind(13, filter.tenant)
    }
}
