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

    /// Lifts the opt-outs that a grant revokes (``OptOutLifting``).
    private func liftOptOuts(
        by consent: Consent, of subjects: [KeyHash], addresses: [Address]
    ) throws(StoreError) {
        guard snapshot.suppressions > 0,
            let lifting = OptOutLifting(by: consent, of: subjects, addresses: addresses)
        else { return }
        let row = try cold(
            """
            SELECT \(SuppressionColumns.list) FROM suppression
            WHERE subject = ? AND category = ? COLLATE NOCASE AND reason = 'unsubscribed' AND at < ?
            """)
        var optOuts: [Suppression] = []
        for subject in lifting.subjects {
            row.bind(1, subject).bind(2, consent.category).bind(3, lifting.at)
            while try row.step() { optOuts.append(try SuppressionColumns.read(row)) }
            row.reset()
        }
        for optOut in optOuts where lifting.lifts(optOut) {
            try lift(optOut, by: lifting.word)
            try suppress(lifting.rest(of: optOut))
        }
    }
}
