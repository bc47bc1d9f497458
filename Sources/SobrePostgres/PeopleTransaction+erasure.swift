import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// Erases recipients. The ledger rows and the suppressions are kept under hashes, because caps and opt-outs depend on
/// them.
extension PeopleTransaction {
    /// The result of the first step of an erasure.
    struct ErasureStep: Sendable {
        /// Nil when no profile has this ID and nothing is stored under it.
        var names: [KeyHash]?
        /// What the further steps remove from the texts that are kept.
        var words = ErasedWords()
        var suppressions = 0
    }

    private static let countErased = PreparedStatement(
        "erase_count",
        "SELECT count(*) FROM suppression WHERE bucket = ANY($1) AND subject = ANY($2) AND reason = 'erased'")
    private static let formerAddresses = PreparedStatement(
        "erase_addresses", "SELECT DISTINCT address FROM attempt WHERE bucket = ANY($1) AND person = ANY($2)")
    private static let inbound = PreparedStatement(
        "erase_inbound", "DELETE FROM inbound WHERE bucket = ANY($1) AND sender = ANY($2)")
    private static let lastInbound = PreparedStatement(
        "erase_last_inbound", "DELETE FROM last_inbound WHERE bucket = ANY($1) AND address = ANY($2)")
    private static let suppressionLog = PreparedStatement(
        "erase_suppression_log",
        """
        UPDATE suppression_log SET label = '', source = '', evidence = NULL
        WHERE bucket = ANY($1) AND subject = ANY($2) AND reason <> 'erased'
        """)
    private static let suppressions = PreparedStatement(
        "erase_suppressions",
        """
        UPDATE suppression SET label = erased.label, source = '', evidence = NULL
        FROM unnest($2::int8[], $3::text[]) AS erased(subject, label)
        WHERE bucket = ANY($1) AND suppression.subject = erased.subject AND reason <> 'erased'
        """)
    private static let audit = PreparedStatement(
        "erase_audit",
        """
        UPDATE audit SET subject = erased.label, detail = '', note = ''
        FROM unnest($1::int8[], $2::text[]) AS erased(subject, label) WHERE subject_key = erased.subject
        """)
    private static let aliases = PreparedStatement("erase_aliases", "UPDATE alias SET id = '' WHERE person = $1")
    private static let engagement = PreparedStatement(
        "erase_engagement", "DELETE FROM engagement WHERE bucket = ANY($1) AND person = ANY($2)")
    private static let rejects = PreparedStatement(
        "erase_rejects", "DELETE FROM source_reject WHERE recipient = ANY($1)")
    private static let consentLog = PreparedStatement(
        "erase_consent_log",
        """
        UPDATE consent_log SET recipient = '', evidence = NULL, source = NULL
        WHERE bucket = ANY($1) AND person = ANY($2)
        """)

    /// The first step: deletes the profile and adds the suppressions.
    func erase(_ id: String, by author: Author?) throws -> ErasureStep {
        let person = try Person.find(id, connection)
        let key = try person?.key ?? Person.canonical(.recipient(id), connection)
        let names = try names(of: key)
        if person == nil, try erasedCount([key]) == 0 { return ErasureStep(names: nil) }
        let subjects = Set((person?.subjects ?? []) + names + (try addresses(everUsedFor: names)))
        // Must run before the `erased` suppressions are added, which keep their text.
        try eraseRecords(of: subjects.sorted())
        if let person {
            try suppress(
                ([key] + person.addresses).map { subject in
                    Suppression(
                        subject: subject, label: Suppression.erasedLabel(subject), reason: .erased, source: "erasure",
                        at: now)
                })
            try giveUp(person.addresses, of: key)
        }
        try delete(profile: key)
        try connection.send(Self.aliases, key.stored)
        try connection.send(Self.engagement, names.buckets, names.map(\.stored))
        try connection.send(Self.rejects, names.map(\.stored))
        try connection.send(Self.consentLog, names.buckets, names.map(\.stored))
        note(names)
        let words = ErasedWords(
            names: [id] + (person.map { [$0.profile.id] + $0.profile.aliases } ?? []),
            addresses: person?.profile.addresses ?? [])
        // The reason may name the recipient.
        let redacted = author.map { Author(name: $0.name, note: words.removed(from: $0.note)) }
        try PostgresStore.audit(
            connection, .erase, Suppression.erasedLabel(key), about: key, by: redacted, at: now)
        return ErasureStep(names: names, words: words, suppressions: try erasedCount(person?.subjects ?? [key]))
    }

    /// Removes what names the recipient from what is kept about its names and addresses.
    private func eraseRecords(of subjects: [KeyHash]) throws {
        let (buckets, keys) = (subjects.buckets, subjects.map(\.stored))
        let labels = subjects.map { Suppression.erasedLabel($0) }
        try connection.send(Self.audit, keys, labels)
        try connection.send(Self.inbound, buckets, keys)
        try connection.send(Self.lastInbound, buckets, keys)
        try forget(devices: subjects)
        try connection.send(Self.suppressionLog, buckets, keys)
        try connection.send(Self.suppressions, buckets, keys, labels)
    }

    /// The addresses that were ever used for a recipient, also those that the profile has lost.
    private func addresses(everUsedFor names: [KeyHash]) throws -> [KeyHash] {
        try connection.query(Self.formerAddresses, names.buckets, names.map(\.stored))
            .map { KeyHash(stored: try $0.int(0)) }
    }

    private func erasedCount(_ subjects: [KeyHash]) throws -> Int {
        Int(try connection.query(Self.countErased, subjects.buckets, subjects.map(\.stored))[0].int(0))
    }
}
