import Postgres
import SobreModel
import SobreSettings
import SobreStore

/// Consents: their history, and the opt-outs that a new sign-up lifts.
extension PeopleTransaction {
    private static let log = PreparedStatement(
        "consent_log",
        """
        INSERT INTO consent_log (bucket, person, recipient, category, channel, granted, at, source, evidence, recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """)
    private static let optOuts = PreparedStatement(
        "consent_opt_outs",
        """
        SELECT \(SuppressionRow.list) FROM suppression WHERE bucket = ANY($1) AND subject = ANY($2)
            AND lower(category COLLATE "C") = lower($3 COLLATE "C") AND reason = 'unsubscribed' AND at < $4
        """)

    func take(_ statement: ConsentStatement) throws -> ConsentOutcome {
        guard let person = try Person.find(statement.recipient, connection) else { return .unknownProfile }
        var profile = person.profile
        let before = profile.consents
        let consent = statement.consent.dated(atMost: now)
        let isInForce = profile.take(consent, at: now)
        guard profile.consents.count <= max(configuration.intake.maxConsents, before.count) else { return .tooMany }
        // A repetition with the same content is not recorded again.
        if isInForce, profile.consents == before { return .inForce }
        try log(consent, of: profile.id)
        guard isInForce else { return .superseded }
        try liftOptOuts(by: consent, of: person.subjects, addresses: profile.addresses)
        try ProfileRow.send(profile, connection)
        note(person.names)
        return .inForce
    }

    /// Records the consents of a document that are in force and were not before.
    func note(
        _ consents: [Consent], of profile: Profile, besides earlier: [Consent], subjects: [KeyHash]
    ) throws {
        for consent in consents where !earlier.contains(consent.withoutEvidence) {
            try log(consent, of: profile.id)
            try liftOptOuts(by: consent, of: subjects, addresses: profile.addresses)
        }
    }

    private func log(_ consent: Consent, of id: String) throws {
        let key = KeyHash.recipient(id)
        try connection.send(
            Self.log, Bucket.of(key), key.stored, id, consent.category, consent.channel.stored, consent.granted,
            consent.at?.milliseconds, consent.source, consent.evidence, now.milliseconds)
        recordedConsents += 1
    }

    /// Lifts the opt-outs that a grant revokes (``OptOutLifting``).
    private func liftOptOuts(by consent: Consent, of subjects: [KeyHash], addresses: [Address]) throws {
        guard let lifting = OptOutLifting(by: consent, of: subjects, addresses: addresses) else { return }
        let optOuts = try connection.query(
            Self.optOuts, lifting.subjects.buckets, lifting.subjects.map(\.stored), consent.category,
            lifting.at.milliseconds
        ).map { try SuppressionRow.read($0) }
        for optOut in optOuts where lifting.lifts(optOut) {
            try lift(optOut, by: lifting.word)
            try suppress(lifting.rest(of: optOut))
        }
    }
}
