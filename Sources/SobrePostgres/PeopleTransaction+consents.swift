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

    /// Lifts the opt-outs by link that a later grant with evidence revokes: those of the same category, on the channels
    /// of the grant. Bounces, complaints, STOP and orders of an operator stay.
    private func liftOptOuts(by consent: Consent, of subjects: [KeyHash], addresses: [Address]) throws {
        guard consent.granted, consent.evidence != nil, let at = consent.at else { return }
        let channels = Dictionary(addresses.map { ($0.subject, $0.channel) }, uniquingKeysWith: { first, _ in first })
        // An address of another channel has nothing to do with the grant.
        let asked = subjects.filter { subject in
            guard let channel = channels[subject] else { return true }
            return consent.channel ?? channel == channel
        }
        let optOuts = try connection.query(
            Self.optOuts, asked.buckets, asked.map(\.stored), consent.category, at.milliseconds
        ).map { try SuppressionRow.read($0) }
        let word = SuppressionLifting(source: consent.source ?? "consent", at: at, evidence: consent.evidence)
        for optOut in optOuts where consent.channel == nil || (optOut.channel ?? consent.channel) == consent.channel {
            try lift(optOut, by: word)
            guard let granted = consent.channel, optOut.channel == nil, channels[optOut.subject] == nil else {
                continue
            }
            // The opt-out of all channels stays in force on the others.
            try suppress(
                Channel.allCases.filter { $0 != granted }.map { channel in
                    var rest = optOut
                    rest.channel = channel
                    return rest
                })
        }
    }
}
