public import SobreModel

/// The queue: claim, admit, record. This is the part of a store that the dispatcher needs.
///
/// The protocol has three durable points (accept, admit, record); see "Guarantees" in the manual. Several nodes may
/// share a store, each with its own handle. All guarantees hold across these nodes, and the conformance suite tests
/// each.
///
/// The store decides, stamps and wakes by its own clock, which may differ from the nodes' clocks. A caller passes a
/// delay as a duration, which the store adds to its clock. Instants appear only where the store or the sender of the
/// message made them.
public protocol QueueStore: Sendable {
    /// The node's current incarnation in the store, which owns its attempts. It changes when the node loses its place
    /// in the store and joins again.
    var incarnation: NodeIncarnation { get }

    /// The recipients, addresses and messages that changed lately: profiles, consents, pauses, suppressions and
    /// cancellations. A change is noted before the call that makes it returns.
    var changes: RecentChanges { get }

    /// The operators' pauses that this node knows of; see ``PauseStore``.
    var pausesInForce: PausesInForce { get }

    /// Leases due deliveries that begin on one of `channels`. A deferred delivery begins on the channel where it
    /// already began, any other on the first channel of its plan. The restriction keeps the backlog of a rate-limited
    /// provider from being claimed and returned repeatedly.
    ///
    /// A recipient's deliveries are claimed by priority (highest first), then by due time, then by ID. Between
    /// recipients the store keeps to the same order as far as it can but does not guarantee it, because it may look at
    /// only a part of them at a time.
    ///
    /// Only deliveries of messages with at least the priority `least` are leased.
    ///
    /// The lease is the only side effect. When a lease expires, its delivery is due again under a higher epoch. The
    /// store chooses where it keeps leases.
    func claim(
        limit: Int, lease: Duration, channels: Set<Channel>, least: Priority
    ) async throws(StoreError) -> [ClaimedDelivery]

    /// Returns claims without a state change. Their deliveries are due at once. Stale claims are ignored.
    func giveBack(_ claims: [Claim]) async

    /// Decides on each request and writes the decision in the same transaction.
    ///
    /// For each request the store checks the claim, reads the facts, calls `decide`, and writes the result: the intent
    /// and a reserved ledger row for `send`, else the new state. Durable on return.
    ///
    /// The requests of one recipient are decided in order. Each decision sees the effects of all earlier ones, on
    /// whichever node they were made. There is no order between recipients, and a batch may be split into several
    /// transactions.
    ///
    /// Once a newer policy version is committed, nothing more is decided under an older one: requests that are not
    /// decided yet get `policyChanged`. The version is compared in the transaction of the decision.
    ///
    /// `reroute` writes nothing and keeps the claim. `decide` gets the time of the store's clock, and the instants in
    /// its decisions, such as the end of quiet hours, are by that clock.
    ///
    /// - Parameters:
    ///   - requests: Rendered and routed deliveries whose claims this node holds.
    ///   - policyVersion: The policy version that `decide` applies.
    ///   - horizon: How far back `AdmissionFacts.ledger` reaches.
    ///   - attemptTimeout: An attempt without an outcome counts as lost after this time.
    ///   - decide: Must be pure. It runs inside the transaction on one of the store's threads. When a transaction is
    ///     retried, it may be called again for the same request with other facts and another time. Only the last
    ///     decision is written and returned.
    /// - Returns: The result of each request, in the order of the requests.
    /// - Throws: `StoreError` when nothing was written. When only some parts of a split batch were written, the
    ///   requests of the other parts get `undecided` instead.
    func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult]

    /// Ends claims without an attempt: held, deferred, dropped, failed, expired or unknown. Durable on return.
    ///
    /// Returns for each transition whether the claim was still held.
    @discardableResult
    func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool]

    /// Records outcomes with a compare-and-set on the attempt. Commits or releases the ledger row and writes the new
    /// state and the log entry. Durable on return.
    ///
    /// Only the attempt's owner may record its outcome. Once the owner is proven gone, any other incarnation may. An
    /// outcome recorded for another incarnation is committed at the attempt's deadline or later, because the provider
    /// may have accepted the message until then.
    ///
    /// Cancelling the calling task does not cancel the recording. Returns for each outcome whether the attempt was
    /// still open and the caller was allowed to record it.
    @discardableResult
    func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool]

    /// Open attempts for which no outcome can arrive any more, at most `limit`, oldest first. These are this node's own
    /// attempts after their deadline, and attempts of incarnations that are proven gone. Attempts of other live nodes
    /// are never included.
    ///
    /// An incarnation is gone when nothing that it still does can be written: its lease on the store has ended, or the
    /// store has one owner at a time and a new owner has taken over. A store may wait for the attempt's deadline before
    /// it treats the owner as gone.
    func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt]

    /// The bytes of a message's files, in the order of ``SobreModel/MessageDraft/attachments``. Empty when the message has
    /// none, or was erased or removed meanwhile.
    ///
    /// Claimed messages come without them, so that a queue of large messages takes little memory.
    ///
    /// - Parameter message: The message.
    /// - Returns: The files.
    /// - Throws: `StoreError` when they cannot be read.
    func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]]

    /// When the next waiting delivery is due, or nil when none waits. Claimed deliveries are not counted.
    func nextDueAt() async throws(StoreError) -> Instant?

    /// Suspends until a delivery may have become claimable, or until the duration has passed.
    ///
    /// This is a hint. It may return early, and work from another node may go unnoticed until the duration has passed.
    /// Callers must claim again in either case.
    ///
    /// - Parameters:
    ///   - atMost: how long to wait.
    ///   - least: the lowest priority that the caller will claim.
    func waitForWork(atMost: Duration, least: Priority) async

    /// The number of deliveries that wait, are claimed, or are in flight, across all nodes.
    func depth() async throws(StoreError) -> QueueDepth
}

extension QueueStore {
    /// Leases due deliveries of any priority.
    public func claim(
        limit: Int, lease: Duration, channels: Set<Channel>
    ) async throws(StoreError) -> [ClaimedDelivery] {
        try await claim(limit: limit, lease: lease, channels: channels, least: .low)
    }

    /// Suspends until there may be work of any priority.
    public func waitForWork(atMost: Duration) async { await waitForWork(atMost: atMost, least: .low) }
}

/// A lease on one delivery.
public struct Claim: Hashable, Sendable {
    public var delivery: DeliveryID
    /// Increases with each claim of the delivery. A write with a stale epoch has no effect.
    public var epoch: Int64

    public init(delivery: DeliveryID, epoch: Int64) {
        self.delivery = delivery
        self.epoch = epoch
    }
}

/// A claimed delivery with the data needed to render it.
public struct ClaimedDelivery: Sendable {
    public var claim: Claim
    public var message: Message
    /// Nil when no profile has the recipient's ID.
    public var profile: Profile?
    /// The number of attempts made so far.
    public var attempts: Int
    /// True when the outcome of an earlier attempt is unknown and the policy allows another attempt.
    public var possibleDuplicate: Bool
    /// The channel on which a deferred delivery already began, else nil.
    public var channel: Channel?
    /// True when the channels of the plan before `channel` are excluded because nothing on them accepts the content.
    public var beginsAtChannel: Bool
    /// Set when the outcome of an earlier attempt is unknown: the message may only be sent again through this provider.
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

    /// The claim order: by priority (highest first), then by due time, then by ID.
    public static func isBefore(_ a: ClaimedDelivery, _ b: ClaimedDelivery) -> Bool {
        let (first, second) = (a.message.draft.priority, b.message.draft.priority)
        if first != second { return first > second }
        return (a.dueAt, a.claim.delivery.rawValue) < (b.dueAt, b.claim.delivery.rawValue)
    }
}

/// The size of the queue.
public struct QueueDepth: Hashable, Sendable {
    /// Deliveries that wait, including claimed ones.
    public var waiting: Int
    public var claimed: Int
    /// The number of open attempts.
    public var inFlight: Int

    public init(waiting: Int, claimed: Int, inFlight: Int) {
        self.waiting = waiting
        self.claimed = claimed
        self.inFlight = inFlight
    }
}
