import SobreModel

/// One question to the policy, with all that is needed to answer it.
///
/// The steps are functions that return small values. The hot path stops at the first that decides; the explanation runs
/// the same functions to the end, so that it can never tell another story. A class, used by one thread for one decision, so
/// that its facts are copied once.
final class Evaluation {
    let policy: Policy
    let request: AdmissionRequest
    let facts: AdmissionFacts
    let conditions: AdmissionConditions
    let now: Instant
    let category: CategoryPolicy
    /// The traits of the contact that this would be, on the request's channel.
    let traits: ContactTraits
    /// Found when a rule first asks.
    lazy var zones = RecipientZones(
        facts.profile, policy: policy, at: now, isAsked: policy.index.needsZones || message.bestTimeWithin != nil)
    /// Found when a segment is first asked.
    lazy var attributes = AttributeReader(facts.profile ?? Profile(id: message.recipient))
    /// Whether caps and pauses restrain the message: its own word, else its category's. Tests are never restrained.
    let obeysCaps: Bool
    /// What the person asked for.
    let wishes: RecipientCaps
    /// Whether anything asks which address it is: a suppression, or a rule that counts by address.
    let needsAddress: Bool

    /// `prepared` are the request's traits, where the caller has them ready.
    init(
        policy: Policy, request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, now: Instant,
        traits prepared: ContactTraits? = nil
    ) {
        self.policy = policy
        self.request = request
        self.facts =
            conditions.clockCorrections.isEmpty ? facts : facts.corrected(by: conditions.clockCorrections)
        self.conditions = conditions
        self.now = now
        let keyHash = prepared?.category ?? KeyHash(request.message.draft.category)
        category = policy.category(keyHash, named: request.message.draft.category)
        traits =
            prepared
            ?? Self.traits(
                of: request.message.draft, category, keyHash, channel: request.channel,
                fingerprint: request.fingerprint)
        obeysCaps = category.restrains(request.message.draft)
        wishes = facts.profile?.caps ?? .none
        needsAddress = policy.index.needsAddress || !facts.suppressions.isEmpty
    }

    /// The traits of a contact by this message.
    static func traits(
        of draft: MessageDraft, _ category: CategoryPolicy, _ keyHash: KeyHash, channel: Channel, fingerprint: KeyHash
    ) -> ContactTraits {
        ContactTraits(
            channel: channel, category: keyHash, campaign: Self.keyHash(draft.campaign),
            journey: Self.keyHash(draft.journey), topic: Self.keyHash(draft.topic), template: KeyHash(draft.template),
            tags: TagHashes.of(draft.tags),
            countsTowardCaps: !draft.isTest && (draft.capFlags?.counts ?? category.countsTowardCaps),
            dedupKey: Self.keyHash(draft.dedupKey), fingerprint: fingerprint, tenant: Self.keyHash(draft.tenant),
            isTest: draft.isTest)
    }

    private static func keyHash(_ text: String?) -> KeyHash { text.map { KeyHash($0) } ?? .none }

    var message: MessageDraft { _read { yield request.message.draft } }

    /// When the message is too late: its own word, or its category's.
    var expiresAt: Instant? { category.expiresAt(request.message) }

    /// The channels in the order in which they are tried.
    var plan: [Channel] {
        // The second call of a message that may have been taken goes where the first went.
        if request.possibleDuplicate { return [request.channel] }
        var plan = request.message.plan(of: request.delivery)
        if let begin = request.planBegin, let index = plan.firstIndex(of: begin) { plan.removeFirst(index) }
        if message.route == .best, plan.count > 1 { plan = ranked(plan).map(\.channel) }
        // A further attempt stays on its channel where it can.
        if request.attempt > 1, plan.first != request.channel, plan.contains(request.channel) {
            plan.removeAll { $0 == request.channel }
            plan.insert(request.channel, at: 0)
        }
        return plan
    }

    /// The steps that are about the delivery as a whole; nil when all pass.
    func wholeVerdict() -> Verdict? {
        if facts.isCancelled { return Verdict(.drop(.cancelled), step: .cancelled) }
        if let expiresAt, now >= expiresAt { return Verdict(.expire, step: .expiry) }
        guard facts.profile != nil else { return Verdict(.drop(.unknownRecipient), step: .recipient) }
        if controlGroup != nil { return Verdict(.drop(.controlGroup), step: .controlGroup) }
        return conditionVerdict(.restored) ?? escalationVerdict()
    }

    /// The control group that the recipient is in for this message.
    var controlGroup: Int? {
        policy.rules.controlGroups.firstIndex {
            $0.appliesTo.matches(traits) && !traits.isTest
                && $0.contains(recipient: facts.profile?.id ?? message.recipient)
        }
    }

    /// The answer, found with as little work as possible.
    func verdict() -> Verdict {
        if let whole = wholeVerdict() { return whole }
        var closest: ChannelReview?
        var waiting: (until: Instant, review: ChannelReview)?
        var passedOn: ChannelReview?
        for channel in plan {
            let review = review(channel, thorough: false)
            switch review.standing {
            case .admissible: return lastVerdict(on: channel, review.address)
            case .refused(let reason):
                return Verdict(.drop(reason), step: review.decidedBy, review: review)
            case .held(let until, let reason, let isProvisional):
                return hold(until: until, reason, isProvisional, review)
            case .passedOn(let until):
                if let until, until < waiting?.until ?? .distantFuture { waiting = (until, review) }
                passedOn = passedOn ?? review
            case .unusable:
                // Of those that cannot be used, the one that came furthest tells the reason.
                if closest == nil || review.decidedBy.rawValue > closest!.decidedBy.rawValue { closest = review }
            }
        }
        if let waiting {
            return hold(until: waiting.until, waiting.review.holdReason, waiting.review.isProvisional, waiting.review)
        }
        if let review = passedOn ?? closest {
            return Verdict(.drop(review.dropReason), step: review.decidedBy, review: review)
        }
        return Verdict(.drop(.unreachable), step: .channels)
    }

    /// The steps after the channel is found: whether this node may send now, whether another channel must be rendered,
    /// and whether there is content.
    private func lastVerdict(on channel: Channel, _ address: Address?) -> Verdict {
        if let wait = conditionVerdict(.clock) ?? conditionVerdict(.facts) {
            return wait
        }
        guard channel == request.channel, let address else { return Verdict(.reroute(channel), step: .route) }
        return conditionVerdict(.content) ?? Verdict(.send(address, traits), step: nil)
    }

    /// The hold that a step about the node demands; nil: it passes.
    private func conditionVerdict(_ step: AdmissionStep) -> Verdict? {
        condition(step).map { Verdict(.hold(until: $0.until, $0.reason), step: step) }
    }

    /// A hold that would outlast the message is a drop, now rather than later.
    private func hold(until: Instant, _ reason: HoldReason, _ isProvisional: Bool, _ review: ChannelReview) -> Verdict {
        guard let expiresAt, until >= expiresAt else {
            return Verdict(.hold(until: until, reason), step: review.decidedBy, review: review)
        }
        if isProvisional {
            return Verdict(.hold(until: expiresAt, reason), step: review.decidedBy, review: review)
        }
        return Verdict(.drop(review.dropReason), step: review.decidedBy, review: review, freeAfterExpiry: until)
    }
}
