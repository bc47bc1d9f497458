/// A rendered delivery that asks to be sent now.
public struct AdmissionRequest: Sendable {
    public var delivery: DeliveryID
    /// The claim under which we act; a stale one changes nothing.
    public var epoch: Int64
    public var message: Message
    /// The channel for which the message was rendered.
    public var channel: Channel
    /// The provider that the router chose; nil in a dry run.
    public var provider: String?
    /// The attempt that this would be: 1 for the first.
    public var attempt: Int
    /// A stable hash of the rendered words, normalised; `.none` when not known.
    public var fingerprint: KeyHash
    public var templateVersion: String
    /// The earlier attempt's outcome is unknown, and the category's policy allows one more.
    public var possibleDuplicate: Bool
    /// The channels of the plan before this one are out: nobody there takes the content. Nil: the whole plan counts.
    public var planBegin: Channel?
    /// Whether there is content to send on the channel. A dry run renders nothing and takes it for granted.
    public var isRendered: Bool

    public init(
        delivery: DeliveryID, epoch: Int64, message: Message, channel: Channel, provider: String? = nil,
        attempt: Int = 1, fingerprint: KeyHash = .none, templateVersion: String = "", possibleDuplicate: Bool = false,
        planBegin: Channel? = nil, isRendered: Bool = true
    ) {
        self.delivery = delivery
        self.epoch = epoch
        self.message = message
        self.channel = channel
        self.provider = provider
        self.attempt = attempt
        self.fingerprint = fingerprint
        self.templateVersion = templateVersion
        self.possibleDuplicate = possibleDuplicate
        self.planBegin = planBegin
        self.isRendered = isRendered
    }
}

/// All that deciding knows beside the message, the policy and the time; read in the transaction of the decision.
public struct AdmissionFacts: Sendable {
    /// Nil: nobody by this id, or erased.
    public var profile: Profile?
    /// Suppressions of the person or of one of the addresses.
    public var suppressions: [Suppression]
    /// The person's contacts, under any of the profile's subjects: open ones, and at least those spent within the
    /// horizon that the store was given; in ascending order of `committedAt` (`reservedAt` while they are open), then id.
    public var ledger: [LedgerEntry]
    public var isCancelled: Bool
    /// What the person did with earlier messages, for `route: best` and `send: best_time`. Left empty for others.
    public var engagement: Engagement
    /// What everybody did: the prior with which a person's own is smoothed.
    public var prior: Engagement
    /// What became of the message's earlier channels, in order; empty but for `route: escalate`.
    public var earlier: [EarlierDelivery]

    public init(
        profile: Profile?, suppressions: [Suppression] = [], ledger: [LedgerEntry] = [], isCancelled: Bool = false,
        engagement: Engagement = .none, prior: Engagement = .none, earlier: [EarlierDelivery] = []
    ) {
        self.profile = profile
        self.suppressions = suppressions
        self.ledger = ledger
        self.isCancelled = isCancelled
        self.engagement = engagement
        self.prior = prior
        self.earlier = earlier
    }
}

/// One contact, or one that may be happening: an attempt that is not proven unsent.
public struct LedgerEntry: Hashable, Sendable {
    /// Where the contact stands. The raw value is stored; never renumber.
    public enum State: UInt8, Sendable {
        /// The attempt may be reaching the provider now. Always counts.
        case reserved = 0
        /// Sent, or not proven unsent. Counts from the time at which that was recorded.
        case committed = 1
        /// Proven unsent. Never counts.
        case released = 2
    }

    public var id: Int64
    public var delivery: DeliveryID
    public var state: State
    public var reservedAt: Instant
    /// When the outcome was recorded: an upper bound of the true time of contact. Nil while open.
    public var committedAt: Instant?
    public var traits: ContactTraits
    /// The person for whom it was, and the address that was used.
    public var recipient: KeyHash
    public var address: KeyHash

    public init(
        id: Int64, delivery: DeliveryID, state: State, reservedAt: Instant, committedAt: Instant?,
        traits: ContactTraits,
        recipient: KeyHash, address: KeyHash
    ) {
        self.id = id
        self.delivery = delivery
        self.state = state
        self.reservedAt = reservedAt
        self.committedAt = committedAt
        self.traits = traits
        self.recipient = recipient
        self.address = address
    }
}

/// What selectors can ask about a contact, as key hashes: a snapshot from when it was admitted.
public struct ContactTraits: Hashable, Sendable {
    public var channel: Channel
    public var category: KeyHash
    public var campaign: KeyHash
    public var journey: KeyHash
    public var topic: KeyHash
    public var template: KeyHash
    /// Every tag with all its ancestors (`promo/summer` gives `promo` and `promo/summer`), sorted.
    public var tags: [KeyHash]
    /// False for contacts that fill no cap.
    public var countsTowardCaps: Bool
    /// The dedup key under the policy of the time; `.none` when there is none.
    public var dedupKey: KeyHash
    /// The rendered words; `.none` when not known.
    public var fingerprint: KeyHash
    /// `.none`: the only one there is.
    public var tenant: KeyHash
    /// A test send: no rule sees it.
    public var isTest: Bool

    public init(
        message: MessageDraft, channel: Channel, countsTowardCaps: Bool = true, dedupKey: KeyHash = .none,
        fingerprint: KeyHash = .none
    ) {
        self.channel = channel
        category = KeyHash(message.category)
        campaign = message.campaign.map { KeyHash($0) } ?? .none
        journey = message.journey.map { KeyHash($0) } ?? .none
        topic = message.topic.map { KeyHash($0) } ?? .none
        template = KeyHash(message.template)
        tags = Self.tagHashes(message.tags)
        self.countsTowardCaps = countsTowardCaps
        self.dedupKey = dedupKey
        self.fingerprint = fingerprint
        tenant = message.tenant.map { KeyHash($0) } ?? .none
        isTest = message.isTest
    }

    /// For stores: the traits from their stored parts.
    public init(
        channel: Channel, category: KeyHash, campaign: KeyHash, journey: KeyHash, topic: KeyHash, template: KeyHash,
        tags: [KeyHash], countsTowardCaps: Bool, dedupKey: KeyHash, fingerprint: KeyHash, tenant: KeyHash = .none,
        isTest: Bool = false
    ) {
        self.channel = channel
        self.category = category
        self.campaign = campaign
        self.journey = journey
        self.topic = topic
        self.template = template
        self.tags = tags
        self.countsTowardCaps = countsTowardCaps
        self.dedupKey = dedupKey
        self.fingerprint = fingerprint
        self.tenant = tenant
        self.isTest = isTest
    }

    /// The key hashes of tags and of their ancestors, sorted and without repetition.
    public static func tagHashes(_ tags: [String]) -> [KeyHash] {
        if tags.isEmpty { return [] }
        var keyHashes: Set<KeyHash> = []
        for tag in tags {
            var end = tag.startIndex
            while let slash = tag[end...].firstIndex(of: "/") {
                keyHashes.insert(KeyHash(String(tag[..<slash])))
                end = tag.index(after: slash)
            }
            keyHashes.insert(KeyHash(tag))
        }
        return keyHashes.sorted()
    }
}

/// What deciding came to, with the whole reasoning.
public struct AdmissionDecision: Sendable {
    /// What is to be done with the request.
    public enum Verdict: Hashable, Sendable {
        /// Send on this channel to this address; the ledger remembers the traits.
        case send(Address, ContactTraits)
        /// Not on this channel: render for the next one of the plan and ask again.
        case reroute(Channel)
        case hold(until: Instant, HoldReason)
        case drop(DropReason)
        case expire
    }

    public var verdict: Verdict
    /// With `send` on push: the person's further devices. One contact with the first, reached together.
    public var furtherAddresses: [Address] = []
    public var policyVersion: Int
    /// The reasoning as compact JSON, made only where it is kept: on hold, drop and expiry, and in dry runs.
    /// Equal facts give equal bytes.
    public var explanation: [UInt8]?
    /// The reason in a few words for the log, for example `marketing-per-week 5/5`.
    public var summary: String

    public init(verdict: Verdict, policyVersion: Int, explanation: [UInt8]? = nil, summary: String = "") {
        self.verdict = verdict
        self.policyVersion = policyVersion
        self.explanation = explanation
        self.summary = summary
    }
}

/// Decides for one request. Pure: called by the store inside its transaction, on its own thread.
public typealias AdmissionDecider =
    @Sendable (_ request: AdmissionRequest, _ facts: AdmissionFacts, _ now: Instant) -> AdmissionDecision
