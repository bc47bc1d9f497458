public import SobreModel

/// The queue-driven pipeline: claim, admit, record. What the dispatcher needs of a store.
///
/// The protocol of three durable points (accept, admit, record); see the manual's page "Guarantees". A store may be shared by several nodes, each with a handle
/// of its own; every promise here holds for all of them together, and the conformance suite states each.
///
/// Time is the store's: it decides, stamps and wakes by one clock, which the nodes' clocks need not follow. What a caller
/// wants later is a duration that the store adds to that clock. Instants appear only where they were made by the store, or
/// by whoever wrote the message.
public protocol QueueStore: Sendable {
    /// The node's present life in the store. Attempts belong to it. It changes when the node loses its place and joins anew.
    var incarnation: NodeIncarnation { get }

    /// Leases due deliveries, taking only those that begin on one of `channels` (where a deferred delivery already began,
    /// else the first channel of its plan): a provider that is at its rate limit must not have its backlog claimed and put
    /// back again and again.
    ///
    /// Of one person's deliveries those with the higher priority come first, then by due time, then by id. Between people a
    /// store keeps to the same order as far as it can, and promises nothing: it may look at a part of them at a time.
    ///
    /// No side effect but the lease; a lease that runs out makes its delivery due again under a higher epoch. Where leases
    /// are kept is the store's own affair.
    func claim(limit: Int, lease: Duration, channels: Set<Channel>) async throws(StoreError) -> [ClaimedDelivery]

    /// Gives claims back without a transition; their deliveries are due at once. Stale claims are ignored.
    func giveBack(_ claims: [Claim]) async

    /// The moment of truth: for each request, checks the claim, reads the facts, calls `decide`, and writes what it
    /// decided in the same transaction: intent and reserved ledger row for `send`, or the new state. Durable on return.
    ///
    /// One person's requests are decided in their order, each on facts that hold what was decided before it, whichever
    /// node decided. Between people there is no order, and a batch may be split into several transactions.
    ///
    /// Nothing is decided under a version of the policy once a newer one is committed: then the answer to each request that
    /// was not decided yet is `policyChanged`. The version is compared in the transaction of the decision.
    ///
    /// `reroute` writes nothing and keeps the claim. `decide` is called with the store's clock; the instants in its
    /// decision, such as the end of quiet hours, are by the same.
    ///
    /// - Parameters:
    ///   - requests: rendered and routed deliveries whose claims are ours.
    ///   - policyVersion: the version under which `decide` decides.
    ///   - horizon: how far back `AdmissionFacts.ledger` reaches.
    ///   - attemptTimeout: after this an attempt without an outcome counts as lost.
    ///   - decide: pure, and called inside the transaction on a thread of the store's. It may be called again for the same
    ///     request, on other facts and at another time, when a transaction has to be run again: only the decision that was
    ///     made last is written and returned.
    /// - Returns: what each request came to, in their order.
    /// - Throws: `StoreError`; then nothing was written. When a part of a split batch was written, the answer to each request
    ///   of the others is `undecided`.
    func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult]

    /// Ends claims without an attempt: held, deferred, dropped, failed, expired, unknown. Durable on return.
    ///
    /// Returns for each whether the claim was still ours.
    @discardableResult
    func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool]

    /// Records outcomes by compare-and-set on the attempt: ledger row committed or released, new state, log. Durable on
    /// return.
    ///
    /// Only the attempt's owner may record it, and when that is proven gone, whoever follows. What is recorded for another
    /// is committed at the attempt's deadline or later: the provider may have taken it until then.
    ///
    /// Not cancelled by the cancellation of the calling task. Returns for each whether the attempt was still open and the
    /// caller's to record.
    @discardableResult
    func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool]

    /// Open attempts whose outcome the store cannot expect any more: this node's own after their deadline, and those of
    /// incarnations that are proven gone. Never those of another node that lives. At most `limit`, oldest first.
    ///
    /// An owner is gone when nothing that it still does can be written: its lease on the store has ended, or the store
    /// has one owner at a time and the next has taken its place. A store may wait for the deadline before it believes it.
    func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt]

    /// When the next waiting delivery is due; nil when nothing waits. Claimed ones are not counted.
    func nextDueAt() async throws(StoreError) -> Instant?

    /// Suspends until something may have become claimable, or the duration has passed.
    ///
    /// A hint: it may return early, and what another node has put in may be noticed only when the duration has passed.
    /// Whoever waits claims again in any case.
    func waitForWork(atMost: Duration) async

    /// How many deliveries wait, are claimed, or are in flight, over all nodes.
    func depth() async throws(StoreError) -> QueueDepth
}

/// A lease on one delivery.
public struct Claim: Hashable, Sendable {
    public var delivery: DeliveryID
    /// Grows with each claim of the delivery; a write with a stale epoch changes nothing.
    public var epoch: Int64

    public init(delivery: DeliveryID, epoch: Int64) {
        self.delivery = delivery
        self.epoch = epoch
    }
}

/// A leased delivery with what rendering needs.
public struct ClaimedDelivery: Sendable {
    public var claim: Claim
    public var message: Message
    /// Nil when nobody has this id.
    public var profile: Profile?
    /// Attempts made so far.
    public var attempts: Int
    /// True when an earlier attempt's outcome stayed unknown and the policy allows one more.
    public var possibleDuplicate: Bool
    /// The channel to begin with: where a deferred delivery already began; else nil.
    public var channel: Channel?
    /// The channels of the plan before `channel` are out: nobody there takes the content.
    public var beginsAtChannel: Bool
    /// Who may have the message, where an earlier attempt's outcome is unknown: it is sent again to nobody else.
    public var provider: String?
    public var dueAt: Instant

    public init(
        claim: Claim, message: Message, profile: Profile?, attempts: Int = 0, possibleDuplicate: Bool = false,
        channel: Channel? = nil, beginsAtChannel: Bool = false, provider: String? = nil, dueAt: Instant
    ) {
        self.claim = claim
        self.message = message
        self.profile = profile
        self.attempts = attempts
        self.possibleDuplicate = possibleDuplicate
        self.channel = channel
        self.beginsAtChannel = beginsAtChannel
        self.provider = provider
        self.dueAt = dueAt
    }

    /// The order in which deliveries are claimed: highest priority first, then by due time, then by id.
    public static func isBefore(_ a: ClaimedDelivery, _ b: ClaimedDelivery) -> Bool {
        let (first, second) = (a.message.draft.priority, b.message.draft.priority)
        if first != second { return first > second }
        return (a.dueAt, a.claim.delivery.rawValue) < (b.dueAt, b.claim.delivery.rawValue)
    }
}

/// How much there is to do.
public struct QueueDepth: Hashable, Sendable {
    /// Waiting in the queue, claimed ones included.
    public var waiting: Int
    public var claimed: Int
    /// Attempts open.
    public var inFlight: Int

    public init(waiting: Int, claimed: Int, inFlight: Int) {
        self.waiting = waiting
        self.claimed = claimed
        self.inFlight = inFlight
    }
}
