public import SobreModel

/// Which opt-outs by link a later grant with evidence revokes: those of the same category, on the channels of the grant.
/// Bounces, complaints, STOP and orders of an operator stay.
public struct OptOutLifting: Sendable {
    /// The opt-outs of these subjects are asked for, by the category of the grant and before ``at``.
    public let subjects: [KeyHash]
    /// When the consent was granted.
    public let at: Instant
    /// With which words an opt-out is lifted.
    public let word: SuppressionLifting

    private let granted: Channel?
    private let channels: [KeyHash: Channel]

    /// - Parameters:
    ///   - consent: a statement; only a grant with a time and with evidence lifts anything.
    ///   - subjects: the person's names and addresses.
    ///   - addresses: those of the person's profile.
    public init?(by consent: Consent, of subjects: [KeyHash], addresses: [Address]) {
        guard consent.granted, consent.evidence != nil, let at = consent.at else { return nil }
        let channels = Dictionary(addresses.map { ($0.subject, $0.channel) }, uniquingKeysWith: { first, _ in first })
        // An address of another channel has nothing to do with the grant.
        self.subjects = subjects.filter { subject in
            guard let channel = channels[subject] else { return true }
            return consent.channel ?? channel == channel
        }
        self.at = at
        self.channels = channels
        granted = consent.channel
        word = SuppressionLifting(source: consent.source ?? "consent", at: at, evidence: consent.evidence)
    }

    /// Whether an opt-out of one of the subjects is lifted.
    public func lifts(_ optOut: Suppression) -> Bool { granted == nil || (optOut.channel ?? granted) == granted }

    /// What stays of an opt-out that is lifted: one of all channels stays in force on those that were not granted.
    public func rest(of optOut: Suppression) -> [Suppression] {
        guard let granted, optOut.channel == nil, channels[optOut.subject] == nil else { return [] }
        return Channel.allCases.filter { $0 != granted }.map { channel in
            var rest = optOut
            rest.channel = channel
            return rest
        }
    }
}
