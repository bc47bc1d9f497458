import SobreModel

/// What the policy says about one delivery on one channel.
struct ChannelReview {
    enum Standing {
        case admissible
        /// Not on this channel; the next of the plan may do.
        case unusable
        /// Not at all.
        case refused(DropReason)
        /// Later. Provisional: only because something is in flight or undecided, so it may come out either way.
        case held(until: Instant, HoldReason, isProvisional: Bool)
        /// The rule wants the next channel; if there is none, wait until then, or drop when nil.
        case passedOn(until: Instant?)
    }

    var channel: Channel
    var standing: Standing = .admissible
    /// The step that decided, while `standing` is not admissible.
    var decidedBy: AdmissionStep = .channels
    var address: Address?
    /// The suppression that matched, by position.
    var suppression: Int?
    var consent: ConsentFinding?
    var duplicate: DuplicateFinding?
    var quiet: QuietFinding?
    /// In a quick review the rules that object; in a thorough one every rule that matches.
    var caps: [CapFinding] = []
    var isProvisional = false

    init(_ channel: Channel) { self.channel = channel }

    /// Remembers the first objection; later ones are only findings.
    mutating func object(_ standing: Standing, by step: AdmissionStep) {
        guard case .admissible = self.standing else { return }
        self.standing = standing
        decidedBy = step
    }

    var isDecided: Bool {
        if case .admissible = standing { return false }
        return true
    }

    /// The reason if the delivery is dropped for what this review found.
    var dropReason: DropReason {
        switch decidedBy {
        case .address: .noAddress
        case .suppression: .suppressed
        case .consent: .noConsent
        case .duplicate: .duplicate
        case .quietHours: .quietHours
        case .caps: .frequencyCapped
        default: .unreachable
        }
    }

    /// The reason if the delivery waits for what this review found.
    var holdReason: HoldReason { decidedBy == .quietHours ? .quietHours : .frequencyCapped }
}

extension Evaluation {
    /// Judges one channel, step by step, up to a last one. A thorough review goes on after the first objection, for the
    /// explanation.
    func review(_ channel: Channel, thorough: Bool, upTo last: AdmissionStep = .caps) -> ChannelReview {
        var review = ChannelReview(channel)
        guard let address = facts.profile?.address(on: channel) else {
            review.object(.unusable, by: .address)
            return review
        }
        review.address = address
        let subject = subject(of: address)
        var traits = traits
        traits.channel = channel

        if let suppression = suppression(of: subject, on: channel) {
            review.suppression = suppression
            review.object(.unusable, by: .suppression)
            if !thorough { return review }
        }
        let consent = consent(on: channel)
        review.consent = consent
        if !consent.passes {
            review.object(.unusable, by: .consent)
            if !thorough { return review }
        }
        if last == .consent { return review }

        if let duplicate = duplicate(traits, subject) {
            review.duplicate = duplicate
            objectToDuplicate(duplicate, &review)
            if !thorough { return review }
        }
        let capRules = category.obeysCaps ? matchingCaps(traits) : []
        if let quiet = quiet(traits, subject, capRules) {
            review.quiet = quiet
            objectToQuiet(quiet, &review)
            if !thorough { return review }
        }
        judgeCaps(capRules, traits, subject, &review, thorough: thorough)
        return review
    }

    /// The ledger's name of an address, where anything asks for it.
    func subject(of address: Address) -> Symbol { needsAddress ? address.subject : .none }

    private func objectToDuplicate(_ duplicate: DuplicateFinding, _ review: inout ChannelReview) {
        switch duplicate.kind {
        case .earlier: review.object(.refused(.duplicate), by: .duplicate)
        case .inFlight(let entry):
            review.isProvisional = true
            review.object(
                .held(until: waitEnd(for: entry), .duplicateInFlight, isProvisional: true), by: .duplicate)
        case .missingKey:
            review.isProvisional = true
            review.object(
                .held(until: now + policy.rules.recheck, .policyError, isProvisional: true), by: .duplicate)
        }
    }

    private func objectToQuiet(_ quiet: QuietFinding, _ review: inout ChannelReview) {
        switch (quiet.action, quiet.until) {
        case (.drop, _), (.hold, nil): review.object(.refused(.quietHours), by: .quietHours)
        case (.hold, let until?): review.object(.held(until: until, .quietHours, isProvisional: false), by: .quietHours)
        case (.nextChannel, let until): review.object(.passedOn(until: until), by: .quietHours)
        }
    }

    /// When to look again at what an open attempt blocks: as long again as it has been open, within bounds. So an answer
    /// is seen soon after it comes, and a slow one is not asked for many times.
    func waitEnd(for entry: Int) -> Instant {
        let open = facts.ledger[entry].openedAt
        let longest = max(policy.rules.inFlight.milliseconds, 1)
        let wait = min(max((now - open).milliseconds, min(500, longest)), longest)
        return now + .milliseconds(wait)
    }
}
