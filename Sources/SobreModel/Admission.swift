/// A request to send a rendered delivery now.
public struct AdmissionRequest: Sendable {
    public var delivery: DeliveryID
    /// The epoch of the claim. A stale claim changes nothing.
    public var epoch: Int64
    public var message: Message
    /// The channel for which the message was rendered.
    public var channel: Channel
    /// The provider the router chose; nil in a dry run.
    public var provider: String?
    /// Whether no other provider can take the message now, so that a pause of this one holds it.
    public var hasOnlyProvider: Bool
    /// The number of this attempt; 1 for the first.
    public var attempt: Int
    /// A stable hash of the rendered, normalised content; `.none` when not known.
    public var fingerprint: KeyHash
    public var templateVersion: String
    /// Whether the outcome of an earlier attempt is unknown and the category allows one more.
    public var possibleDuplicate: Bool
    /// The first channel of the plan that may be used, because the channels before it rejected the content. Nil for the
    /// whole plan.
    public var planBegin: Channel?
    /// Whether there is rendered content for the channel. Without it nothing is admitted. Dry runs do not render and set
    /// this to true.
    public var isRendered: Bool

    public init(
        delivery: DeliveryID, epoch: Int64, message: Message, channel: Channel, provider: String? = nil,
        hasOnlyProvider: Bool = false, attempt: Int = 1, fingerprint: KeyHash = .none, templateVersion: String = "",
        possibleDuplicate: Bool = false,
        planBegin: Channel? = nil, isRendered: Bool = true
    ) {
        self.delivery = delivery
        self.epoch = epoch
        self.message = message
        self.channel = channel
        self.provider = provider
        self.hasOnlyProvider = hasOnlyProvider
        self.attempt = attempt
        self.fingerprint = fingerprint
        self.templateVersion = templateVersion
        self.possibleDuplicate = possibleDuplicate
        self.planBegin = planBegin
        self.isRendered = isRendered
    }
}

/// The facts of a decision, besides the message, the policy and the time. Read in the transaction of the decision.
public struct AdmissionFacts: Sendable {
    /// Nil when no recipient has this id, or the recipient was erased.
    public var profile: Profile?
    /// Suppressions of the recipient or one of the addresses.
    public var suppressions: [Suppression]
    /// The recipient's contacts, those made through an address that the recipient held at that time, and those made
    /// through an address of the profile: all reserved ones, and at least those committed within the horizon the store
    /// was given. In ascending order of `committedAt` (`reservedAt` while reserved), then of id.
    public var ledger: [LedgerEntry]
    /// The other profiles that hold an address of the recipient now. Empty for most recipients. Their caps are judged
    /// too.
    public var holders: [AddressHolder]
    /// The addresses of the recipient that more profiles hold than are judged together.
    public var crowdedAddresses: [KeyHash]
    public var isCancelled: Bool
    /// What the recipient did with earlier messages. Only filled for `route: best` and `send: best_time`.
    public var engagement: Engagement
    /// What all recipients did. The prior for smoothing a recipient's own engagement.
    public var prior: Engagement
    /// The states of the message's earlier channels, in order. Only filled for `route: escalate`.
    public var earlier: [EarlierDelivery]
    /// When the profile's addresses last wrote to us, on channels where that matters. Those that never did are left out.
    public var lastInbound: [LastInbound]
    /// The operators' pauses in force, whether they cover the message or not.
    public var pauses: [SendingPause]

    public init(
        profile: Profile?, suppressions: [Suppression] = [], ledger: [LedgerEntry] = [],
        holders: [AddressHolder] = [], crowdedAddresses: [KeyHash] = [], isCancelled: Bool = false,
        engagement: Engagement = .none, prior: Engagement = .none, earlier: [EarlierDelivery] = [],
        lastInbound: [LastInbound] = [], pauses: [SendingPause] = []
    ) {
        self.profile = profile
        self.suppressions = suppressions
        self.ledger = ledger
        self.holders = holders
        self.crowdedAddresses = crowdedAddresses
        self.isCancelled = isCancelled
        self.engagement = engagement
        self.prior = prior
        self.earlier = earlier
        self.lastInbound = lastInbound
        self.pauses = pauses
    }
}

/// A contact, or an attempt that may still become one because it is not proven unsent.
public struct LedgerEntry: Hashable, Sendable {
    /// The state of a contact. The raw value is stored; never renumber.
    public enum State: UInt8, Sendable {
        /// The attempt may be reaching the provider now. Always counts.
        case reserved = 0
        /// Sent, or not proven unsent. Counts from the time its outcome was recorded.
        case committed = 1
        /// Proven unsent. Never counts.
        case released = 2
    }

    public var id: Int64
    public var delivery: DeliveryID
    public var state: State
    /// Whether the contact counts for the profile whose ledger this is: it was the recipient, or held the address when
    /// the contact was made. If not, it took the address later, and only rules about the address count the contact.
    public var countsForHolder: Bool
    public var reservedAt: Instant
    /// When the outcome was recorded, which is never before the contact itself. Nil while reserved.
    public var committedAt: Instant?
    public var traits: ContactTraits
    /// The recipient, or the profile for which the contact counts because it held the address that was used.
    public var recipient: KeyHash
    /// The address that was used.
    public var address: KeyHash

    public init(
        id: Int64, delivery: DeliveryID, state: State, reservedAt: Instant, committedAt: Instant?,
        traits: ContactTraits, recipient: KeyHash, address: KeyHash, countsForHolder: Bool = true
    ) {
        self.id = id
        self.delivery = delivery
        self.state = state
        self.reservedAt = reservedAt
        self.committedAt = committedAt
        self.traits = traits
        self.recipient = recipient
        self.address = address
        self.countsForHolder = countsForHolder
    }
}

/// The traits of a contact that selectors can match, as key hashes. A snapshot taken at admission.
public struct ContactTraits: Hashable, Sendable {
    public var channel: Channel
    public var category: KeyHash
    public var campaign: KeyHash
    public var journey: KeyHash
    public var topic: KeyHash
    public var template: KeyHash
    /// All tags with all their ancestors, sorted. `promo/summer` gives `promo` and `promo/summer`.
    public var tags: [KeyHash]
    /// False for contacts that do not count towards caps.
    public var countsTowardCaps: Bool
    /// The message's dedup key; `.none` when it has none.
    public var dedupKey: KeyHash
    /// The hash of the rendered content; `.none` when not known.
    public var fingerprint: KeyHash
    /// `.none` when the message has no tenant.
    public var tenant: KeyHash
    /// The activity that the message updates; `.none` for none. Caps count the contacts of one activity once.
    public var activity: KeyHash
    /// Whether this is a test message, which rules ignore.
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
        activity = message.activity.map { KeyHash(activity: $0) } ?? .none
        isTest = message.isTest
    }

    /// Creates traits from stored parts. For stores.
    public init(
        channel: Channel, category: KeyHash, campaign: KeyHash, journey: KeyHash, topic: KeyHash, template: KeyHash,
        tags: [KeyHash], countsTowardCaps: Bool, dedupKey: KeyHash, fingerprint: KeyHash, tenant: KeyHash = .none,
        activity: KeyHash = .none, isTest: Bool = false
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
        self.activity = activity
        self.isTest = isTest
    }

    /// The key hashes of tags and their ancestors, sorted and without duplicates.
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

/// A decision with its explanation.
public struct AdmissionDecision: Sendable {
    /// What to do with the request.
    public enum Verdict: Hashable, Sendable {
        /// Send to this address. The ledger stores the traits.
        case send(Address, ContactTraits)
        /// Render for this channel, which may be the request's own, and ask again.
        case reroute(Channel)
        case hold(until: Instant, HoldReason)
        case drop(DropReason)
        case expire
    }

    public var verdict: Verdict
    /// With `send` on push, the recipient's other devices. They count as one contact together with the first.
    public var furtherAddresses: [Address] = []
    public var policyVersion: Int
    /// What decided, with a verdict other than `send`; nil when it is not known.
    public var decidedBy: DecidingRule?
    /// The explanation as compact JSON. Only created on hold, drop and expiry, and in dry runs. Equal facts give equal
    /// bytes.
    public var explanation: [UInt8]?
    /// A short reason for the log, for example `marketing-per-week 5/5`.
    public var summary: String
    /// With `hold`: the end of the hold cannot be computed, and `until` is when it is decided again. A store records a
    /// repetition in place of the entry before.
    public var isEndless = false
    /// With `hold`: the operator's pause that holds the delivery. A store keeps the delivery with the pause, at the place
    /// it has in the queue, and offers it again when the pause ends, or at `until` if that is before. `until` is
    /// `.distantFuture` when neither the pause nor the message ends.
    public var pause: Int64?

    public init(verdict: Verdict, policyVersion: Int, explanation: [UInt8]? = nil, summary: String = "") {
        self.verdict = verdict
        self.policyVersion = policyVersion
        self.explanation = explanation
        self.summary = summary
    }
}

/// Decides on one request. Pure. The store calls it inside its transaction, on its own thread.
public typealias AdmissionDecider =
    @Sendable (_ request: AdmissionRequest, _ facts: AdmissionFacts, _ now: Instant) -> AdmissionDecision
