import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// A reserved row of the ledger, about to be written. Its number is that of the log entry that the attempt was begun.
struct NewAttempt {
    var admitted: AdmittedAttempt
    var traits: ContactTraits
    /// The key hash of the recipient as the message names it.
    var person: KeyHash
    var address: KeyHash
    var provider: String
    var possibleDuplicate: Bool
    var templateVersion: String
    var summary: String
    /// The other profiles for which it counts, because they hold its address.
    var holders: [KeyHash]

    var bucket: Int { Bucket.of(admitted.delivery.message) }

    private static let insert = PreparedStatement(
        "attempt_add",
        """
        INSERT INTO attempt (bucket, at, id, delivery, number, channel, provider, opened_at, deadline, state, spent_at,
            person, address, category, campaign, journey, topic, template, tags, counts, dedup, fingerprint, tenant,
            possible_duplicate, policy_version, template_version, owner, summary)
        SELECT b, t, i, d, n, c, p, t, e, \(LedgerEntry.State.reserved.rawValue), t, k, a, l[1], l[2], l[3], l[4], l[5],
            g, l[6], l[7], l[8], l[9], u, v, w, $1, s
        FROM unnest($2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::text[], $9::int8[],
            $10::int8[], $11::int8[], $12::bytea[], $13::bool[], $14::int8[], $15::text[], $16::text[])
            WITH ORDINALITY AS r(b, t, i, d, n, c, p, e, k, a, g, u, v, w, s, o),
            LATERAL (SELECT ($17::int8[])[9 * o - 8 : 9 * o] AS l) AS traits
        """)
    private static let insertHolders = PreparedStatement(
        "attempt_holders", "INSERT INTO attempt_holder SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[])")
    private static let insertReached = PreparedStatement(
        "attempt_reached",
        """
        INSERT INTO address_person SELECT DISTINCT * FROM unnest($1::int8[], $2::int8[], $3::int8[])
        ON CONFLICT DO NOTHING
        """)

    /// Sends attempts. The results are read with the next sync.
    static func send(
        _ attempts: [NewAttempt], of owner: NodeIncarnation, _ connection: PostgresConnection
    ) throws(PostgresError) {
        if attempts.isEmpty { return }
        let admitted = attempts.map(\.admitted)
        try connection.send(
            insert, owner.rawValue, attempts.map(\.bucket), admitted.map(\.admittedAt.milliseconds),
            admitted.map(\.ledgerID), admitted.map(\.delivery.rawValue), admitted.map(\.attempt),
            attempts.map { Int64($0.traits.channel.rawValue) }, attempts.map(\.provider),
            admitted.map(\.deadline.milliseconds), attempts.map(\.person.stored), attempts.map(\.address.stored),
            attempts.map { $0.traits.tags.isEmpty ? nil : TraitColumns.bytes($0.traits.tags) },
            attempts.map(\.possibleDuplicate), admitted.map(\.policyVersion), attempts.map(\.templateVersion),
            attempts.map { $0.summary.isEmpty ? nil : $0.summary }, attempts.flatMap(\.numbers))
        try connection.send(
            insertReached, attempts.map(\.address.stored), attempts.map(\.person.stored), attempts.map(\.bucket))
        let holders = attempts.flatMap { attempt in attempt.holders.map { (attempt, $0) } }
        if holders.isEmpty { return }
        try connection.send(
            insertHolders, holders.map(\.0.bucket), holders.map(\.0.admitted.ledgerID), holders.map(\.1.stored))
    }

    /// Nine of the columns, in one array for all attempts: a statement has few parameters so.
    private var numbers: [Int64] {
        [
            traits.category.stored, traits.campaign.stored, traits.journey.stored, traits.topic.stored,
            traits.template.stored, TraitColumns.counts(traits), traits.dedupKey.stored, traits.fingerprint.stored,
            traits.tenant.stored,
        ]
    }

    /// The contact as decisions later in the same batch see it.
    func entry(countingFor recipient: KeyHash, counts: Bool) -> LedgerEntry {
        LedgerEntry(
            id: admitted.ledgerID, delivery: admitted.delivery, state: .reserved, reservedAt: admitted.admittedAt,
            committedAt: nil, traits: traits, recipient: recipient, address: address, countsForHolder: counts)
    }
}
