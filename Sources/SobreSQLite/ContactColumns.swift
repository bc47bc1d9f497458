import SobreModel
import SobreStore
import SobreStoreColumns

/// The columns of a committed attempt in a recipient's ledger, the table `person_contact`.
enum ContactColumns {
    /// The columns in the order of the table.
    static let list = """
        person, spent_at, attempt, delivery, channel, opened_at, address, category, campaign, journey, topic, template, \
        tags, counts, dedup, fingerprint, tenant
        """
    /// The same columns, read from a row of `attempt`.
    static let ofAttempt = "attempt.recipient, \(ofAttemptWithoutPerson)"
    /// Those but the first, which for a copy is another profile that held the address.
    static let ofAttemptWithoutPerson = """
        attempt.spent_at, attempt.id, attempt.delivery, attempt.channel, attempt.opened_at, \
        attempt.address, attempt.category, attempt.campaign, attempt.journey, attempt.topic, attempt.template, \
        attempt.tags, attempt.counts, attempt.dedup, attempt.fingerprint, attempt.tenant
        """

    static func entry(_ row: Statement) throws(StoreError) -> LedgerEntry {
        LedgerEntry(
            id: row.int(2), delivery: DeliveryID(rawValue: row.int(3)), state: .committed,
            reservedAt: Instant(milliseconds: row.int(5)), committedAt: Instant(milliseconds: row.int(1)),
            traits: ContactTraits(
                channel: try row.value(4, in: "person_contact.channel", of: row.int(2)), category: row.keyHash(7),
                campaign: row.keyHash(8), journey: row.keyHash(9), topic: row.keyHash(10), template: row.keyHash(11),
                tags: row.isNull(12) ? [] : TraitColumns.keyHashes(row.bytes(12)),
                countsTowardCaps: row.int(13) & 1 != 0, dedupKey: row.keyHash(14), fingerprint: row.keyHash(15),
                tenant: row.keyHash(16), activity: TraitColumns.activity(row.int(13)), isTest: row.int(13) & 2 != 0),
            recipient: row.keyHash(0), address: row.keyHash(6))
    }
}
