import SobreModel
import SobreStore

/// How a spent attempt stands in a person's ledger, the table `person_contact`.
enum ContactColumns {
    /// In the order of the table.
    static let list = """
        person, spent_at, attempt, delivery, channel, opened_at, address, category, campaign, journey, topic, template, \
        tags, counts, dedup, fingerprint, tenant
        """
    /// The same of a row of `attempt`.
    static let ofAttempt = """
        attempt.recipient, attempt.spent_at, attempt.id, attempt.delivery, attempt.channel, attempt.opened_at, \
        attempt.address, attempt.category, attempt.campaign, attempt.journey, attempt.topic, attempt.template, \
        attempt.tags, attempt.counts, attempt.dedup, attempt.fingerprint, attempt.tenant
        """

    static func entry(_ row: Statement) -> LedgerEntry {
        LedgerEntry(
            id: row.int(2), delivery: DeliveryID(rawValue: row.int(3)), state: .spent,
            openedAt: Instant(milliseconds: row.int(5)), spentAt: Instant(milliseconds: row.int(1)),
            traits: ContactTraits(
                channel: Channel(rawValue: UInt8(truncatingIfNeeded: row.int(4))) ?? .email, category: row.symbol(7),
                campaign: row.symbol(8), journey: row.symbol(9), topic: row.symbol(10), template: row.symbol(11),
                tags: row.isNull(12) ? [] : AttemptColumns.symbols(row.bytes(12)),
                countsTowardCaps: row.int(13) & 1 != 0, dedupKey: row.symbol(14), fingerprint: row.symbol(15),
                tenant: row.symbol(16), isTest: row.int(13) & 2 != 0),
            recipient: row.symbol(0), address: row.symbol(6))
    }
}
