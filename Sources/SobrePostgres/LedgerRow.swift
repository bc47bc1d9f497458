import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// The columns of a contact in the table `attempt`.
enum LedgerRow {
    static let list = """
        attempt.id, attempt.delivery, attempt.channel, attempt.opened_at, attempt.state, attempt.spent_at, \
        attempt.address, attempt.category, attempt.campaign, attempt.journey, attempt.topic, attempt.template, \
        attempt.tags, attempt.counts, attempt.dedup, attempt.fingerprint, attempt.tenant
        """
    /// The rows that count after a time, `$1`: all reserved ones, and the committed ones. `at` finds the partitions; it is
    /// at most an hour before `spent_at`.
    static let counts = """
        (attempt.state = \(LedgerEntry.State.reserved.rawValue) OR attempt.at > $1 - 3600000
            AND attempt.state = \(LedgerEntry.State.committed.rawValue) AND attempt.spent_at > $1)
        """

    /// Reads a row whose first column is the profile for which the contact counts.
    static func read(_ row: ResultRow, countsForHolder: Bool) throws -> LedgerEntry {
        let id = try row.int(1)
        func hash(_ column: Int) throws -> KeyHash { KeyHash(stored: try row.int(column)) }
        let counts = try row.int(14)
        let traits = ContactTraits(
            channel: try row.value(3, in: "attempt.channel", of: id), category: try hash(8), campaign: try hash(9),
            journey: try hash(10), topic: try hash(11), template: try hash(12),
            tags: try row.optionalBytes(13).map { TraitColumns.keyHashes($0) } ?? [],
            countsTowardCaps: counts & 1 != 0, dedupKey: try hash(15), fingerprint: try hash(16),
            tenant: try hash(17), activity: TraitColumns.activity(counts), isTest: counts & 2 != 0)
        let state: LedgerEntry.State = try row.value(5, in: "attempt.state", of: id)
        return LedgerEntry(
            id: id, delivery: DeliveryID(rawValue: try row.int(2)), state: state,
            reservedAt: Instant(milliseconds: try row.int(4)),
            committedAt: state == .committed ? Instant(milliseconds: try row.int(6)) : nil, traits: traits,
            recipient: try hash(0), address: try hash(7), countsForHolder: countsForHolder)
    }
}
