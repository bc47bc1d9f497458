import SobreModel
import SobreStore
import SobreStoreColumns

/// The columns of an attempt, which is also a ledger entry.
enum AttemptColumns {
    static let list = """
        attempt.id, attempt.delivery, attempt.number, attempt.channel, attempt.provider, attempt.opened_at, \
        attempt.deadline, attempt.state, attempt.spent_at, attempt.recipient, attempt.address, attempt.category, \
        attempt.campaign, attempt.journey, attempt.topic, attempt.template, attempt.tags, attempt.counts, \
        attempt.dedup, attempt.fingerprint, attempt.possible_duplicate, attempt.policy_version, \
        attempt.template_version, attempt.tenant, attempt.owner
        """

    static func entry(_ row: Statement) throws(StoreError) -> LedgerEntry {
        let id = row.int(0)
        let traits = ContactTraits(
            channel: try row.value(3, in: "attempt.channel", of: id), category: row.keyHash(11),
            campaign: row.keyHash(12), journey: row.keyHash(13), topic: row.keyHash(14), template: row.keyHash(15),
            tags: row.isNull(16) ? [] : TraitColumns.keyHashes(row.bytes(16)), countsTowardCaps: row.int(17) & 1 != 0,
            dedupKey: row.keyHash(18), fingerprint: row.keyHash(19), tenant: row.keyHash(23),
            activity: TraitColumns.activity(row.int(17)), isTest: row.int(17) & 2 != 0)
        let state: LedgerEntry.State = try row.value(7, in: "attempt.state", of: id)
        return LedgerEntry(
            id: id, delivery: DeliveryID(rawValue: row.int(1)), state: state,
            reservedAt: Instant(milliseconds: row.int(5)),
            committedAt: state == .committed ? Instant(milliseconds: row.int(8)) : nil, traits: traits,
            recipient: row.keyHash(9), address: row.keyHash(10))
    }

    static func read(_ row: Statement, holders: [KeyHash]) throws(StoreError) -> OpenAttempt {
        OpenAttempt(
            entry: try entry(row), number: Int(row.int(2)), provider: row.string(4),
            deadline: Instant(milliseconds: row.int(6)), possibleDuplicate: row.int(20) != 0,
            policyVersion: Int(row.int(21)), templateVersion: row.string(22),
            owner: NodeIncarnation(rawValue: row.int(24)), holders: holders)
    }

    static func bind(_ attempt: OpenAttempt, summary: String, to row: Statement) {
        let entry = attempt.entry
        let traits = entry.traits
        row.bind(1, entry.id).bind(2, entry.delivery.rawValue).bind(3, Int64(attempt.number))
            .bind(4, Int64(traits.channel.rawValue)).bind(5, attempt.provider).bind(6, entry.reservedAt)
            .bind(7, attempt.deadline).bind(8, Int64(entry.state.rawValue)).bind(
                9, entry.committedAt ?? entry.reservedAt
            )
            .bind(10, entry.recipient).bind(11, entry.address).bind(12, traits.category).bind(13, traits.campaign)
            .bind(14, traits.journey).bind(15, traits.topic).bind(16, traits.template)
            .bind(17, traits.tags.isEmpty ? nil : TraitColumns.bytes(traits.tags))
            .bind(18, TraitColumns.counts(traits))
            .bind(19, traits.dedupKey).bind(20, traits.fingerprint).bind(21, attempt.possibleDuplicate ? 1 : 0)
            .bind(22, Int64(attempt.policyVersion)).bind(23, attempt.templateVersion)
            .bind(24, traits.tenant).bind(25, attempt.owner.rawValue).bind(26, entry.id)
            .bind(27, summary.isEmpty ? nil : summary)
    }
}
