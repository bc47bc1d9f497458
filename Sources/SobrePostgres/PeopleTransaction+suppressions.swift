import Postgres
import SobreModel
import SobreStore

/// Suppressions and their history are changed in one transaction.
extension PeopleTransaction {
    private static let standing = PreparedStatement(
        "suppression_standing",
        "SELECT \(SuppressionRow.list) FROM suppression WHERE bucket = ANY($1) AND subject = ANY($2)")
    private static let put = PreparedStatement(
        "suppression_put",
        """
        INSERT INTO suppression (bucket, \(SuppressionRow.list)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (bucket, subject, channel, category, reason) DO UPDATE SET label = excluded.label,
            source = excluded.source, at = excluded.at, evidence = excluded.evidence
        """)
    private static let log = PreparedStatement(
        "suppression_log",
        """
        INSERT INTO suppression_log (bucket, \(SuppressionRow.list), is_lifted, recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """)
    private static let delete = PreparedStatement(
        "suppression_delete",
        """
        DELETE FROM suppression WHERE bucket = $1 AND subject = $2 AND channel = $3 AND category = $4 AND reason = $5
        """)
    private static let lift = PreparedStatement(
        "suppression_lift",
        """
        WITH lifted AS (
            DELETE FROM suppression WHERE bucket = ANY($1) AND subject = ANY($2) AND ($3::int8 IS NULL OR channel = $3)
                AND ($4::text IS NULL OR lower(category COLLATE "C") = lower($4 COLLATE "C"))
                AND ($5::text IS NULL OR reason = $5) AND ($6::int8 IS NULL OR at <= $6)
            RETURNING *)
        INSERT INTO suppression_log (bucket, \(SuppressionRow.list), is_lifted, recorded_at)
        SELECT bucket, subject, channel, category, reason, label, $7, $8, $9, true, $10 FROM lifted
        ORDER BY array_position($2, subject), at
        """)

    private static let label = PreparedStatement(
        "suppression_label",
        "SELECT label FROM suppression_log WHERE bucket = $1 AND subject = $2 ORDER BY id DESC LIMIT 1")

    /// What the primary key of a suppression holds.
    private struct Key: Hashable {
        var subject: KeyHash
        var channel: Int64
        var category: String
        var reason: Suppression.Reason

        init(_ item: Suppression) {
            subject = item.subject
            channel = item.channel.stored
            category = item.category ?? ""
            reason = item.reason
        }
    }

    func suppress(_ suppressions: [Suppression]) throws {
        let subjects = Array(Set(suppressions.map(\.subject)))
        if subjects.isEmpty { return }
        var standing: [Key: Suppression] = [:]
        for row in try connection.query(Self.standing, subjects.buckets, subjects.map(\.stored)) {
            let item = try SuppressionRow.read(row)
            standing[Key(item)] = item
        }
        for item in suppressions {
            let key = Key(item)
            // A list that is imported every night must not add history entries every night.
            let isKnown = standing[key].map { $0.source == item.source && $0.evidence == item.evidence } ?? false
            standing[key] = item
            try connection.send(
                Self.put, Bucket.of(item.subject), item.subject.stored, key.channel, key.category, item.reason.rawValue,
                item.label, item.source, item.at.milliseconds, item.evidence)
            if isKnown { continue }
            try log(item, isLifted: false)
            note(CollectionOfOne(item.subject))
        }
    }

    private func log(_ item: Suppression, isLifted: Bool) throws {
        try connection.send(
            Self.log, Bucket.of(item.subject), item.subject.stored, item.channel.stored, item.category ?? "",
            item.reason.rawValue, item.label, item.source, item.at.milliseconds, item.evidence, isLifted,
            now.milliseconds)
    }

    /// Lifts one suppression.
    func lift(_ item: Suppression, by word: SuppressionLifting) throws {
        try connection.send(
            Self.delete, Bucket.of(item.subject), item.subject.stored, item.channel.stored, item.category ?? "",
            item.reason.rawValue)
        var lifted = item
        lifted.source = word.source
        lifted.at = word.at ?? now
        lifted.evidence = word.evidence
        try log(lifted, isLifted: true)
    }

    /// Lifts the suppressions of all names of whoever has a name. Nil matches everything.
    ///
    /// - Returns: the number of suppressions lifted.
    func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter: Instant?,
        by word: SuppressionLifting
    ) throws -> Int {
        let names = try Person.allNames(of: subject, connection)
        return try connection.query(
            Self.lift, names.buckets, names.map(\.stored), channel.map { Int64($0.rawValue) }, category,
            reason?.rawValue, notAfter?.milliseconds, word.source, (word.at ?? now).milliseconds, word.evidence,
            now.milliseconds
        ).affectedRows
    }

    /// What the newest entry of the history calls a subject; nil when there is none.
    func lastLabel(of subject: KeyHash) throws -> String? {
        try connection.query(Self.label, Bucket.of(subject), subject.stored).first?.text(0)
    }
}
