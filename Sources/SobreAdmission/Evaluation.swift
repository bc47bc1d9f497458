import SobreModel

/// One decision of the policy with everything it needs.
///
/// The steps are functions that return small values. The hot path stops at the first step that decides. The explanation
/// runs the same functions to the end, so the two always agree. This is a class used by one thread for one decision, so
/// that the facts are copied only once.
final class Evaluation {
    let policy: Policy
    let request: AdmissionRequest
    let facts: AdmissionFacts
    let conditions: AdmissionConditions
    let now: Instant
    let category: CategoryPolicy
    /// The traits of the contact this message would be, on the request's channel.
    let traits: ContactTraits
    /// Looked up when a rule first needs them.
    lazy var zones = RecipientZones(
        facts.profile, policy: policy, at: now, isAsked: policy.index.needsZones || message.bestTimeWithin != nil)
    /// Created when a segment is first evaluated.
    lazy var attributes = AttributeReader(facts.profile ?? Profile(id: message.recipient))
    /// Whether caps and pauses restrain the message. Its own flag takes precedence over its category's. Test messages
    /// are never restrained.
    let obeysCaps: Bool
    /// The limits and pauses the recipient asked for.
    let wishes: RecipientCaps
    /// The operators' pauses in force now.
    let pauses: [SendingPause]
    /// Whether any suppression or rule depends on the address.
    let needsAddress: Bool
    /// Whether any contact belongs to an activity, so that contacts may count together.
    lazy var hasActivities = facts.ledger.contains { $0.traits.activity != .none }
    /// The same question about each of `facts.holders`, for their caps.
    lazy var holders = facts.holders.map { Evaluation(of: $0, like: self) }

    /// `prepared` are the request's traits, if the caller already has them.
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
        // The draft is read in place: a copy would count references to all its texts.
        let keyHash = prepared?.category ?? KeyHash(request.message.draft.category)
        category = policy.category(keyHash, named: request.message.draft.category)
        traits =
            prepared
            ?? Self.traits(
                of: request.message.draft, category, keyHash, channel: request.channel,
                fingerprint: request.fingerprint)
        obeysCaps = category.restrains(request.message.draft)
        wishes = facts.profile?.caps ?? .none
        pauses = facts.pauses.isEmpty ? [] : facts.pauses.filter { $0.isInForce(at: now) }
        needsAddress = policy.index.needsAddress || !facts.suppressions.isEmpty
    }

    /// The question whether the caps of another profile that holds the address allow the same contact. Of such a
    /// profile, only caps are judged.
    private convenience init(of holder: AddressHolder, like other: Evaluation) {
        self.init(
            policy: other.policy, request: other.request,
            facts: AdmissionFacts(profile: holder.profile, ledger: holder.ledger), conditions: other.conditions,
            now: other.now, traits: other.traits)
    }

    /// The traits of a contact made by this message.
    static func traits(
        of draft: MessageDraft, _ category: CategoryPolicy, _ keyHash: KeyHash, channel: Channel, fingerprint: KeyHash
    ) -> ContactTraits {
        ContactTraits(
            channel: channel, category: keyHash, campaign: Self.keyHash(draft.campaign),
            journey: Self.keyHash(draft.journey), topic: Self.keyHash(draft.topic), template: KeyHash(draft.template),
            tags: TagHashes.of(draft.tags),
            countsTowardCaps: !draft.isTest && (draft.capFlags?.counts ?? category.countsTowardCaps),
            dedupKey: Self.keyHash(draft.dedupKey), fingerprint: fingerprint, tenant: Self.keyHash(draft.tenant),
            activity: draft.activity.map { KeyHash(activity: $0) } ?? .none, isTest: draft.isTest)
    }

    private static func keyHash(_ text: String?) -> KeyHash { text.map { KeyHash($0) } ?? .none }

    var message: MessageDraft { _read { yield request.message.draft } }

    /// When the message expires: its own `expires_at`, else its category's.
    var expiresAt: Instant? { category.expiresAt(request.message) }

    /// The channels in the order they are tried.
    var plan: [Channel] {
        // A message that may have been accepted is sent again only on the same channel.
        if request.possibleDuplicate { return [request.channel] }
        var plan = request.message.plan(of: request.delivery)
        if let begin = request.planBegin, let index = plan.firstIndex(of: begin) { plan.removeFirst(index) }
        if message.route == .best, plan.count > 1 { plan = ranked(plan).map(\.channel) }
        // A further attempt stays on its channel if possible.
        if request.attempt > 1, plan.first != request.channel, plan.contains(request.channel) {
            plan.removeAll { $0 == request.channel }
            plan.insert(request.channel, at: 0)
        }
        return plan
    }

    /// The verdict of the steps about the delivery as a whole; nil when all pass.
    func wholeVerdict() -> Verdict? {
        if facts.isCancelled { return Verdict(.drop(.cancelled), step: .cancelled) }
        if let expiresAt, now >= expiresAt { return Verdict(.expire, step: .expiry) }
        guard facts.profile != nil else { return Verdict(.drop(.unknownRecipient), step: .recipient) }
        if controlGroup != nil { return Verdict(.drop(.controlGroup), step: .controlGroup) }
        if let paused = operatorPauseVerdict() { return paused }
        if let finding = condition(.restored) { return hold(finding, by: .restored) }
        return escalationVerdict()
    }

    /// The position of the control group the recipient is in for this message.
    var controlGroup: Int? {
        policy.rules.controlGroups.firstIndex {
            $0.appliesTo.matches(traits) && !traits.isTest
                && $0.contains(recipient: facts.profile?.id ?? message.recipient)
        }
    }

    /// The verdict, found with as little work as possible.
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
            // The content may make it a duplicate of an earlier message, which is dropped instead.
            case .held where review.dependsOnContent, .passedOn where review.dependsOnContent:
                return Verdict(.reroute(channel), step: .content)
            case .held(let until, let reason, let isProvisional):
                if let pause = review.operatorPause { return hold(pause, reason, step: review.decidedBy) }
                return hold(until: until, reason, isProvisional, review)
            case .passedOn(let until):
                if let until, until < waiting?.until ?? .distantFuture { waiting = (until, review) }
                passedOn = passedOn ?? review
            case .unusable:
                // Of several unusable channels, the one that got furthest gives the reason.
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

    /// The steps after a channel was found: the state of this node, then whether another channel must be rendered, then
    /// whether this one was.
    private func lastVerdict(on channel: Channel, _ address: Address?) -> Verdict {
        if let finding = condition(.clock) { return hold(finding, by: .clock) }
        if let finding = condition(.facts) { return hold(finding, by: .facts) }
        guard channel == request.channel, let address, !isProviderPaused else {
            return Verdict(.reroute(channel), step: .route)
        }
        guard request.isRendered else { return Verdict(.reroute(channel), step: .content) }
        return Verdict(.send(address, traits), step: nil)
    }

    /// The hold required by a step about the node.
    private func hold(_ finding: ConditionFinding, by step: AdmissionStep) -> Verdict {
        Verdict(.hold(until: finding.until, finding.reason), step: step)
    }

    /// If a hold would end after the message expires, the message is dropped at once.
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
