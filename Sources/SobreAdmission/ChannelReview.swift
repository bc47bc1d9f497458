import SobreModel

/// The result of evaluating one delivery on one channel.
final class ChannelReview {
    enum Standing {
        case admissible
        /// Cannot be sent on this channel; the next one of the plan may work.
        case unusable
        /// Cannot be sent at all.
        case refused(DropReason)
        /// Must wait. Provisional means that only attempts in flight or undecided data are in the way, so the next
        /// decision may turn out either way.
        case held(until: Instant, HoldReason, isProvisional: Bool)
        /// The rule asks for the next channel. If there is none, the message waits until `until`, or is dropped when
        /// that is nil.
        case passedOn(until: Instant?)
    }

    let channel: Channel
    var standing: Standing = .admissible
    /// The step that decided, when `standing` is not admissible.
    var decidedBy: AdmissionStep = .channels
    var address: Address?
    /// The position of the suppression that matched.
    var suppression: Int?
    var consent: ConsentFinding?
    /// Nil when the channel takes a free text at any time.
    var window: WindowFinding?
    /// Set when a pause of the channel or its providers decided.
    var operatorPause: SendingPause?
    var duplicate: DuplicateFinding?
    var quiet: QuietFinding?
    var pause: PauseFinding?
    var bestTime: BestTimeFinding?
    /// In a quick review, the rules that block. In a thorough one, every rule that applies.
    var caps: [CapFinding] = []
    var isProvisional = false
    /// Whether the message would be compared with earlier ones by its content, but is not rendered yet.
    var dependsOnContent = false
    /// Whether it is held without an end that can be computed.
    var isEndless = false

    init(_ channel: Channel) { self.channel = channel }

    /// Records the first objection. Later ones do not change the standing.
    func object(_ standing: Standing, by step: AdmissionStep) {
        guard case .admissible = self.standing else { return }
        self.standing = standing
        decidedBy = step
    }

    /// Holds the delivery until the rules pass. Where that instant cannot be computed (`limit: 0`, always quiet), the
    /// delivery is held until the rule changes or the message expires.
    func hold(
        until: Instant?, _ reason: HoldReason, by step: AdmissionStep, lookAgainAt: @autoclosure () -> Instant
    ) {
        if until == nil { noteEndless() }
        object(.held(until: until ?? lookAgainAt(), reason, isProvisional: isProvisional), by: step)
    }

    /// Passes the delivery on to the next channel. If there is none, it is held like in
    /// ``hold(until:_:by:lookAgainAt:)``, or dropped if it may not wait.
    func passOn(
        until: Instant?, mayWait: Bool, by step: AdmissionStep, lookAgainAt: @autoclosure () -> Instant
    ) {
        guard mayWait else { return object(.passedOn(until: nil), by: step) }
        if until == nil { noteEndless() }
        object(.passedOn(until: until ?? lookAgainAt()), by: step)
    }

    private func noteEndless() {
        guard !isDecided else { return }
        isEndless = true
        // The rule may change before the message expires.
        isProvisional = true
    }

    var isDecided: Bool {
        if case .admissible = standing { return false }
        return true
    }

    /// The reason to record if the delivery is dropped because of this review.
    var dropReason: DropReason {
        switch decidedBy {
        case .address: .noAddress
        case .suppression: .suppressed
        case .consent: .noConsent
        case .window: .windowClosed
        case .duplicate: .duplicate
        case .quietHours: .quietHours
        case .pause: .paused
        case .caps: .frequencyCapped
        default: .unreachable
        }
    }

    /// The reason to record if the delivery is held because of this review.
    var holdReason: HoldReason {
        switch decidedBy {
        case .operatorPause: .pausedByOperator
        case .quietHours: .quietHours
        case .pause: .paused
        case .bestTime: .bestTime
        default: .frequencyCapped
        }
    }
}

extension Evaluation {
    /// Evaluates one channel step by step. A thorough review continues after the first objection, for the explanation.
    func review(_ channel: Channel, thorough: Bool) -> ChannelReview {
        let review = ChannelReview(channel)
        guard var address = facts.profile?.address(on: channel) else {
            review.object(.unusable, by: .address)
            return review
        }
        if let device = otherDevice(than: address) { address = device }
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
        review.window = window(on: channel, address)
        if review.window?.passes == false {
            review.object(.unusable, by: .window)
            if !thorough { return review }
        }
        if let pause = operatorPause(on: channel, to: address) {
            review.object(.held(until: pause.end, .pausedByOperator, isProvisional: true), by: .operatorPause)
            if review.decidedBy == .operatorPause { review.operatorPause = pause }
            if !thorough { return review }
        }
        review.dependsOnContent = needsContentForDuplicates(traits)
        if let duplicate = duplicate(traits, subject) {
            review.duplicate = duplicate
            objectToDuplicate(duplicate, review)
            if !thorough { return review }
        }
        let capRules = obeysCaps ? matchingCaps(traits) : []
        let shared = obeysCaps ? sharedCaps(traits, address) : []
        if let quiet = quiet(traits, subject, capRules, shared) {
            review.quiet = quiet
            objectToQuiet(quiet, review)
            if !thorough { return review }
        }
        if let pause = pause(traits, at: now) {
            review.pause = pause
            objectToPause(pause, traits, subject, capRules, shared, review)
            if !thorough { return review }
        }
        judgeCaps(capRules, shared, traits, subject, review, thorough: thorough)
        if !review.isDecided, let finding = bestTime(traits, on: review.channel) {
            review.bestTime = finding
            review.object(.held(until: finding.until, .bestTime, isProvisional: false), by: .bestTime)
        }
        return review
    }

    /// The first device of the recipient that is not suppressed, if the given one is; else nil.
    private func otherDevice(than first: Address) -> Address? {
        let channel = first.channel
        guard channel.reachesEveryAddress, !facts.suppressions.isEmpty,
            suppression(of: first.subject, on: channel) != nil
        else { return nil }
        return facts.profile?.addresses.first {
            $0.channel == channel && suppression(of: $0.subject, on: channel) == nil
        }
    }

    /// The recipient's other devices, without those that are suppressed.
    func furtherDevices(beside address: Address) -> [Address] {
        let channel = address.channel
        guard channel.reachesEveryAddress, let profile = facts.profile else { return [] }
        return profile.addresses.filter {
            $0.channel == channel && $0.value != address.value && suppression(of: $0.subject, on: channel) == nil
        }
    }

    /// The address's hash in the ledger, or none when no rule uses it.
    func subject(of address: Address) -> KeyHash { needsAddress ? address.subject : .none }

    private func objectToDuplicate(_ duplicate: DuplicateFinding, _ review: ChannelReview) {
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

    private func objectToQuiet(_ quiet: QuietFinding, _ review: ChannelReview) {
        switch quiet.action {
        case .drop: review.object(.refused(.quietHours), by: .quietHours)
        case .hold: review.hold(until: quiet.until, .quietHours, by: .quietHours, lookAgainAt: lookAgainAt)
        case .nextChannel:
            review.passOn(until: quiet.until, mayWait: quiet.mayWait, by: .quietHours, lookAgainAt: lookAgainAt)
        }
    }

    /// A pause of one channel does not affect the others.
    private func objectToPause(
        _ pause: PauseFinding, _ traits: ContactTraits, _ address: KeyHash, _ capRules: [Int32],
        _ shared: [SharedCaps], _ review: ChannelReview
    ) {
        let until = release(
            traits, address, quietRules: quietRules(traits), capRules: holding(capRules),
            shared: shared.map { $0.holding() })
        if wishes.pauses[pause.index].channel != nil {
            review.passOn(until: until, mayWait: true, by: .pause, lookAgainAt: lookAgainAt)
        } else {
            review.hold(until: until, .paused, by: .pause, lookAgainAt: lookAgainAt)
        }
    }

    /// When to check again what an open attempt blocks: after as long as the attempt has been open, within bounds. A
    /// result is thus seen soon after it comes, and a slow attempt is not checked many times.
    func waitEnd(for entry: Int) -> Instant {
        let open = facts.ledger[entry].reservedAt
        let longest = max(policy.rules.inFlight.milliseconds, 1)
        let wait = min(max((now - open).milliseconds, min(500, longest)), longest)
        return now + .milliseconds(wait)
    }
}
