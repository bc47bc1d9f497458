public import SobreModel

/// The queue-driven line: claim, admit, record. What the dispatcher needs of a store.
///
/// The protocol of three durable points (accept, admit, record); see the manual's page "Guarantees".
public protocol QueueStore: Sendable {
    /// Leases due deliveries, highest priority first, then by due time, then by id, taking only those that begin on one
    /// of `channels` (where a deferred delivery already began, else the first channel of its plan): a provider
    /// that is at its rate limit must not have its backlog claimed and put back again and again.
    ///
    /// No side effect but the lease; a lease that runs out makes its delivery due again under a higher epoch.
    func claim(limit: Int, lease: Duration, channels: Set<Channel>) async throws(StoreError) -> [ClaimedDelivery]

    /// Gives claims back without a transition; their deliveries are due at once. Stale claims are ignored.
    func giveBack(_ claims: [Claim]) async

    /// The moment of truth: for each request, in order and in one transaction, checks the claim, reads the facts,
    /// calls `decide`, and writes what it decided: intent and open ledger row for `send`, or the new state.
    ///
    /// `reroute` writes nothing and keeps the claim. `decide` is called with the store's clock. Durable on return.
    ///
    /// - Parameters:
    ///   - requests: rendered and routed deliveries whose claims are ours.
    ///   - horizon: how far back `AdmissionFacts.ledger` reaches.
    ///   - attemptTimeout: after this an attempt without an outcome counts as lost.
    ///   - decide: pure; called inside the transaction, on the store's thread.
    /// - Returns: what each request came to, in their order.
    /// - Throws: `StoreError`; then nothing was written.
    func admit(
        _ requests: [AdmissionRequest], horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult]

    /// Ends claims without an attempt: held, deferred, dropped, failed, expired. Durable on return.
    ///
    /// Returns for each whether the claim was still ours.
    @discardableResult
    func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool]

    /// Records outcomes by compare-and-set on the attempt: ledger row spent or released, new state, log. Durable on
    /// return.
    ///
    /// Not cancelled by the cancellation of the calling task. Returns for each whether the attempt was still open.
    @discardableResult
    func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool]

    /// Attempts that are open although their deadline passed (or that were open when the store was opened):
    /// exactly those whose outcome nobody can know any more. At most `limit`, oldest first.
    func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt]

    /// When the next waiting delivery is due; nil when nothing waits. Claimed ones are not counted.
    func nextDueAt() async throws(StoreError) -> Instant?

    /// Suspends until something may have become claimable, or the duration has passed.
    func waitForWork(atMost: Duration) async

    /// How many deliveries wait, are claimed, or are in flight.
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
}

/// What `admit` came to for one request.
public enum AdmissionResult: Sendable {
    /// Go: the intent and the ledger row are durable.
    case admitted(AdmittedAttempt)
    /// Render for this channel and ask again; the claim is still ours.
    case rerouted(Channel)
    /// Held, dropped or expired: written, the claim has ended.
    case settled(AdmissionDecision)
    /// The claim was no longer ours; nothing was written.
    case stale
}

/// The right to make one attempt: one call to one provider, or one for each of a person's devices.
public struct AdmittedAttempt: Hashable, Sendable {
    /// The attempt's row in the ledger.
    public var ledgerID: Int64
    public var delivery: DeliveryID
    public var attempt: Int
    public var address: Address
    /// The person's other devices: reached by the same attempt, which stays one contact.
    public var furtherAddresses: [Address]
    /// The policy under which it was admitted.
    public var policyVersion: Int
    /// When it was admitted, by the store's clock.
    public var admittedAt: Instant
    /// After this the outcome counts as unknown.
    public var deadline: Instant

    public init(
        ledgerID: Int64, delivery: DeliveryID, attempt: Int, address: Address, furtherAddresses: [Address] = [],
        policyVersion: Int = 0, admittedAt: Instant, deadline: Instant
    ) {
        self.ledgerID = ledgerID
        self.delivery = delivery
        self.attempt = attempt
        self.address = address
        self.furtherAddresses = furtherAddresses
        self.policyVersion = policyVersion
        self.admittedAt = admittedAt
        self.deadline = deadline
    }
}

/// The end of a claim without an attempt.
public struct ClaimTransition: Sendable {
    public var claim: Claim
    /// The new state with its reason; `dueAt` is required for states that wait. `sequence` and `at` are set by the
    /// store.
    public var entry: LogEntry

    public init(claim: Claim, entry: LogEntry) {
        self.claim = claim
        self.entry = entry
    }
}

/// The end of an attempt.
public struct AttemptRecord: Sendable {
    public var ledgerID: Int64
    /// What is proven: `sent` and `unknown` spend the ledger row, `notSent` releases it.
    public var proof: Outcome.Proof
    /// The new state with its reason; `dueAt` is required for states that wait; `attempt` is how many attempts a
    /// delivery that waits again has used up. `sequence` and `at` are set by the store.
    public var entry: LogEntry
    /// Suppressions that the provider's answer implies, in force with this record.
    public var suppressions: [Suppression]
    /// The delivery waits for `entry.channel` and is not to go back to the channels before it.
    public var beginsAtChannel: Bool

    public init(
        ledgerID: Int64, proof: Outcome.Proof, entry: LogEntry, suppressions: [Suppression] = [],
        beginsAtChannel: Bool = false
    ) {
        self.ledgerID = ledgerID
        self.proof = proof
        self.entry = entry
        self.suppressions = suppressions
        self.beginsAtChannel = beginsAtChannel
    }
}

/// An attempt of which only the intent is known.
public struct OverdueAttempt: Sendable {
    public var ledgerID: Int64
    public var delivery: DeliveryID
    public var attempt: Int
    public var channel: Channel
    public var provider: String
    public var category: String
    public var possibleDuplicate: Bool
    public var policyVersion: Int
    public var templateVersion: String

    public init(
        ledgerID: Int64, delivery: DeliveryID, attempt: Int, channel: Channel, provider: String, category: String,
        possibleDuplicate: Bool, policyVersion: Int, templateVersion: String
    ) {
        self.ledgerID = ledgerID
        self.delivery = delivery
        self.attempt = attempt
        self.channel = channel
        self.provider = provider
        self.category = category
        self.possibleDuplicate = possibleDuplicate
        self.policyVersion = policyVersion
        self.templateVersion = templateVersion
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
