public import SobreModel

/// A durable inbox for provider receipts, and the changes that they cause.
public protocol ReceiptStore: ReceiptHistory {
    /// Adds receipts to the inbox. Durable on return. Repeated receipts are counted and not stored again. A receipt is
    /// a repetition when provider and event ID are equal or, without an event ID, when message, kind and time are
    /// equal.
    ///
    /// - Parameters:
    ///   - receipts: Verified receipts.
    ///   - maxWaiting: The maximum number of receipts in the inbox that are not processed yet.
    /// - Returns: How many receipts were new and how many were repeated.
    /// - Throws: `overloaded` when the limit would be exceeded. Then nothing was stored.
    func append(_ receipts: [Receipt], maxWaiting: Int) async throws(StoreError) -> ReceiptIntake

    /// Applies waiting receipts as `decide` says, in one transaction: state, ledger, suppressions and counters.
    ///
    /// A receipt whose message or outcome is not known yet stays in the inbox and is retried with growing pauses. It
    /// lapses once it is older than `patience`.
    ///
    /// - Parameters:
    ///   - limit: The maximum number of receipts per call.
    ///   - patience: How long a receipt waits at most.
    ///   - decide: Must be pure. It runs inside the transaction, on the store's thread.
    /// - Returns: The result of the round.
    /// - Throws: `StoreError`. Then nothing was changed.
    func applyReceipts(
        limit: Int, patience: Duration, deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptRound

    /// Applies receipts of the inbox once more, in the order of their arrival, as `decide` says.
    ///
    /// A receipt that had its effect has none again, so a replay can be repeated. One that is still not matched stays as
    /// it is.
    ///
    /// - Parameters:
    ///   - filter: Which receipts.
    ///   - id: Only those that arrived after the one with this number.
    ///   - limit: The maximum number of receipts per call, which is one transaction.
    ///   - isDryRun: Whether the transaction is reverted, so that only the counts remain.
    ///   - decide: Must be pure. It runs inside the transaction, on the store's thread.
    /// - Returns: The result of this part.
    /// - Throws: `StoreError`. Then nothing was changed.
    func replayReceipts(
        matching filter: ReceiptFilter, after id: Int64, limit: Int, isDryRun: Bool,
        deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptReplay

    /// Deletes processed receipts that arrived before an instant, and receipt data of messages that are no longer kept.
    /// At most `limit` rows of each kind per call. Returns the number of rows deleted.
    func pruneReceipts(before: Instant, limit: Int) async throws(StoreError) -> Int

    /// The engagement of one recipient with earlier messages, and that of all recipients together. An unknown recipient
    /// has no engagement of its own.
    func engagement(of recipient: String) async throws(StoreError) -> (own: Engagement, prior: Engagement)
}

/// How many receipts of a batch were new.
public struct ReceiptIntake: Hashable, Sendable {
    public var kept: Int
    public var repeated: Int

    public init(kept: Int = 0, repeated: Int = 0) {
        self.kept = kept
        self.repeated = repeated
    }
}

/// The result of one round over the inbox.
public struct ReceiptRound: Sendable {
    /// Receipts that are processed: `applied` caused a change, `ignored` did not.
    public var applied = 0
    public var ignored = 0
    /// Receipts that were counted without their recipient.
    public var anonymous = 0
    /// Receipts that were checked and still wait.
    public var waiting = 0
    /// Receipts whose message did not arrive in time.
    public var lapsed = 0
    /// The log entries that were written, for metrics.
    public var entries: [LogEntry] = []
    /// The deliveries that providers reported for the first time.
    public var arrivals: [ReceiptEffect.Arrival] = []
    /// When the next waiting receipt is due, or nil when none waits.
    public var nextDueAt: Instant?
    /// True when more receipts are due than this round processed.
    public var hasMore = false

    public init() {}
}

/// A receipt in the inbox.
public struct ReceiptRow: Hashable, Sendable {
    /// The processing state of a receipt. The raw value is stored; never renumber.
    public enum Standing: UInt8, CaseIterable, Sendable, CustomStringConvertible {
        case waiting = 0
        case applied = 1
        /// The receipt changed nothing; see ``ReceiptRow/note``.
        case ignored = 2
        /// The receipt's message did not arrive in time.
        case lapsed = 3
        /// The receipt reported an opening or a click of a recipient who has not consented to tracking. What identified
        /// the message was removed.
        case anonymous = 4

        public var description: String {
            switch self {
            case .waiting: "waiting"
            case .applied: "applied"
            case .ignored: "ignored"
            case .lapsed: "lapsed"
            case .anonymous: "anonymous"
            }
        }
    }

    public var id: Int64
    public var receivedAt: Instant
    public var receipt: Receipt
    public var standing: Standing
    /// Why the receipt waits or was ignored.
    public var note: String

    public init(id: Int64, receivedAt: Instant, receipt: Receipt, standing: Standing, note: String) {
        self.id = id
        self.receivedAt = receivedAt
        self.receipt = receipt
        self.standing = standing
        self.note = note
    }
}

/// The facts for judging a receipt. They are read in the transaction that applies it.
public struct ReceiptFacts: Sendable {
    /// An attempt of the delivery, from the ledger.
    public struct Attempt: Hashable, Sendable {
        public var ledgerID: Int64
        public var channel: Channel
        public var provider: String
        public var address: KeyHash
        public var state: LedgerEntry.State

        public init(
            ledgerID: Int64, channel: Channel, provider: String, address: KeyHash, state: LedgerEntry.State
        ) {
            self.ledgerID = ledgerID
            self.channel = channel
            self.provider = provider
            self.address = address
            self.state = state
        }
    }

    public var receipt: Receipt
    public var delivery: DeliveryID
    public var message: Message
    /// Nil when the profile no longer exists.
    public var profile: Profile?
    /// The newest log entry of the delivery.
    public var last: LogEntry
    /// The combined state of earlier receipts.
    public var fold: ReceiptFold
    /// The delivery's attempts that the ledger still holds, oldest first.
    public var attempts: [Attempt]
    /// The provider's message ID from the newest recorded acceptance.
    public var providerID: String?

    public init(
        receipt: Receipt, delivery: DeliveryID, message: Message, profile: Profile?, last: LogEntry,
        fold: ReceiptFold, attempts: [Attempt], providerID: String?
    ) {
        self.receipt = receipt
        self.delivery = delivery
        self.message = message
        self.profile = profile
        self.last = last
        self.fold = fold
        self.attempts = attempts
        self.providerID = providerID
    }
}

/// The decision on a receipt.
public enum ReceiptVerdict: Sendable {
    /// The receipt must wait, because the outcome of its attempt is not recorded yet.
    case wait(String)
    /// The receipt contains nothing new or nothing trustworthy.
    case ignore(String)
    case apply(ReceiptEffect)
    /// The receipt is counted without its recipient. The effect is what it proves about the hand-over; nil: nothing new.
    case anonymise(ReceiptEffect?)
}

/// The changes that a receipt causes, all in one transaction.
public struct ReceiptEffect: Sendable {
    /// A delivery by its provider's own report.
    public struct Arrival: Hashable, Sendable {
        public var provider: String
        /// From the hand-over to the delivery.
        public var delay: Duration

        public init(provider: String, delay: Duration) {
            self.provider = provider
            self.delay = delay
        }
    }

    /// The combined receipts, including this one.
    public var fold: ReceiptFold
    /// The delivery's next log entry. Nil when its state does not change.
    public var entry: LogEntry?
    /// Ledger rows that are proven not to be contacts.
    public var released: [Int64] = []
    /// Ledger rows that turned out to be contacts.
    public var committed: [Int64] = []
    public var suppressions: [Suppression] = []
    public var engagement: [EngagementChange] = []
    /// Set when the message's later channels are no longer needed. Holds the reason for their log entries.
    public var metEscalation: String?
    /// Set when this is the first report of the delivery.
    public var arrival: Arrival?

    public init(fold: ReceiptFold) { self.fold = fold }
}

/// A change of one counter, for a recipient and for the total over all recipients.
public struct EngagementChange: Hashable, Sendable {
    public enum Counter: Hashable, Sendable {
        case event(Engagement.Event, Channel)
        /// An hour of the week, 0…167. Hour 0 starts on Monday at 00:00.
        case hour(Int)
    }

    public var counter: Counter
    /// −1 only reverts an earlier count, after an earlier event of the same kind arrived.
    public var change: Int

    public init(_ counter: Counter, _ change: Int) {
        self.counter = counter
        self.change = change
    }
}

/// Decides on one receipt. Must be pure. The store calls it inside its transaction, on its own thread.
public typealias ReceiptDecider = @Sendable (_ facts: ReceiptFacts, _ now: Instant) -> ReceiptVerdict
