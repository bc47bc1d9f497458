public import SobreModel

extension Consent {
    /// The consents of a profile document as they are stored in place of earlier ones.
    ///
    /// A document may be older than what the recipient said since. So a recorded refusal with a time is only replaced
    /// by a newer statement about the same channel and category, never by an older one, by one without a time, or by
    /// silence.
    ///
    /// - Parameters:
    ///   - given: the consents of the document.
    ///   - earlier: the consents in force.
    ///   - now: the latest time that a consent can have.
    /// - Returns: the consents in force from now on.
    public static func inForce(_ given: [Consent], replacing earlier: [Consent], at now: Instant) -> [Consent] {
        var consents: [Consent] = []
        for consent in given {
            let held = earlier.first { $0.isAboutSame(as: consent) }
            consents.append(Self.inForce(consent, replacing: held, at: now))
        }
        for refusal in earlier where !refusal.granted && refusal.at != nil {
            if !given.contains(where: { $0.isAboutSame(as: refusal) }) { consents.append(refusal) }
        }
        return consents
    }

    private static func inForce(_ given: Consent, replacing held: Consent?, at now: Instant) -> Consent {
        guard let held else { return given.dated(atMost: now) }
        let heldAt = held.at.map { min($0, now) }
        if let at = given.at, at > now {
            // The same document comes again and again, and must not become newer each time.
            if given.granted == held.granted { return given.dated(atMost: heldAt ?? now) }
            if given.granted { return held }
        }
        let consent = given.dated(atMost: now)
        if consent.granted, !held.granted, let heldAt, consent.at ?? .distantPast <= heldAt { return held }
        return consent
    }

    /// The same consent without its evidence, as profiles hold it.
    public var withoutEvidence: Consent {
        var copy = self
        copy.evidence = nil
        return copy
    }

    /// The same consent with a time that is not after a given one. Without a time it stays without.
    ///
    /// - Parameter latest: the latest time.
    /// - Returns: the consent.
    public func dated(atMost latest: Instant) -> Consent {
        var copy = self
        copy.at = at.map { min($0, latest) }
        return copy
    }
}
