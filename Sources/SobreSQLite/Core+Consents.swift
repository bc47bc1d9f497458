import SobreModel
import SobreSettings
import SobreStore

/// Consents: which one is in force, their history, and the opt-outs that a new sign-up lifts.
extension Core {
    func take(_ statements: [ConsentStatement]) throws(StoreError) -> [ConsentOutcome] {
        let now = now()
        var outcomes: [ConsentOutcome] = []
        outcomes.reserveCapacity(statements.count)
        for statement in statements { outcomes.append(try take(statement, at: now)) }
        return outcomes
    }

    private func take(_ statement: ConsentStatement, at now: Instant) throws(StoreError) -> ConsentOutcome {
        guard let person = try person(statement.recipient) else { return .unknownProfile }
        var profile = person.profile
        let before = profile.consents
        let consent = statement.consent.dated(atMost: now)
        let isInForce = profile.take(consent, at: now)
        guard profile.consents.count <= max(configuration.intake.maxConsents, before.count) else { return .tooMany }
        // A repetition with the same content is not recorded again.
        if isInForce, profile.consents == before { return .inForce }
        try log(consent, of: profile.id, key: person.subjects[0], at: now)
        guard isInForce else { return .superseded }
        try liftOptOuts(by: consent, of: person.subjects, addresses: profile.addresses)
        let row = try cold(ProfileColumns.upsert)
        ProfileColumns.bind(profile, to: row)
        try row.run()
        forget(try names(of: person.subjects[0]))
        return .inForce
    }

    /// Records the consents of a document that are in force and were not before.
    func note(
        _ consents: [Consent], of profile: Profile, besides earlier: [Consent], subjects: [KeyHash], at now: Instant
    ) throws(StoreError) {
        for consent in consents where !earlier.contains(consent.withoutEvidence) {
            try log(consent, of: profile.id, key: .recipient(profile.id), at: now)
            try liftOptOuts(by: consent, of: subjects, addresses: profile.addresses)
        }
    }

    private func log(_ consent: Consent, of id: String, key: KeyHash, at now: Instant) throws(StoreError) {
        try cold(
            """
            INSERT INTO consent_log (person, recipient, category, channel, granted, at, source, evidence, recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).bind(1, key).bind(2, id).bind(3, consent.category).bind(4, Int64(consent.channel?.rawValue ?? 0))
            .bind(5, consent.granted ? 1 : 0).bind(6, consent.at).bind(7, consent.source).bind(8, consent.evidence)
            .bind(9, now).run()
    }

    // MARK: Signing up again

    /// Lifts the opt-outs by link that a later grant with evidence revokes: those of the same category, on the channels
    /// of the grant. Bounces, complaints, STOP and orders of an operator stay.
    private func liftOptOuts(
        by consent: Consent, of subjects: [KeyHash], addresses: [Address]
    ) throws(StoreError) {
        guard consent.granted, consent.evidence != nil, let at = consent.at, snapshot.suppressions > 0 else { return }
        let channels = Dictionary(addresses.map { ($0.subject, $0.channel) }, uniquingKeysWith: { first, _ in first })
        let row = try cold(
            """
            SELECT \(SuppressionColumns.list) FROM suppression
            WHERE subject = ? AND category = ? COLLATE NOCASE AND reason = 'unsubscribed' AND at < ?
            """)
        var optOuts: [Suppression] = []
        for subject in subjects {
            // An address of another channel has nothing to do with the grant.
            if let channel = channels[subject], consent.channel ?? channel != channel { continue }
            row.bind(1, subject).bind(2, consent.category).bind(3, at)
            while try row.step() { optOuts.append(try SuppressionColumns.read(row)) }
            row.reset()
        }
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
