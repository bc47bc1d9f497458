public import SobreModel

/// What providers tell: a durable inbox, and what follows from it.
public protocol ReceiptStore: ReceiptHistory {
    /// Takes receipts into the inbox. Durable on return; what came before (same provider and event id, or without an
    /// event id the same message, kind and time) is counted and not kept again.
    ///
    /// - Parameters:
    ///   - receipts: verified ones.
    ///   - maxWaiting: how many may wait for their message or their turn.
    /// - Returns: how many were new.
    /// - Throws: `overloaded` when more would wait; then nothing was kept.
    func append(_ receipts: [Receipt], maxWaiting: Int) async throws(StoreError) -> ReceiptIntake

    /// Makes of waiting receipts what `decide` says, in one transaction: state, ledger, suppressions, counters.
    ///
    /// A receipt whose message or outcome is not known yet stays, and is looked at again after a growing pause, until
    /// it is older than `patience`: then it lapses.
    ///
    /// - Parameters:
    ///   - limit: receipts a call.
    ///   - patience: how long one waits at most.
    ///   - decide: pure; called inside the transaction, on the store's thread.
    /// - Returns: what the round came to.
    /// - Throws: `StoreError`; then nothing was changed.
    func applyReceipts(
        limit: Int, patience: Duration, deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptRound

    /// Forgets receipts that are done with and came before an instant, and what receipts told of messages that are no
    /// longer kept. At most `limit` rows of each kind a call. Returns how many there were.
    func pruneReceipts(before: Instant, limit: Int) async throws(StoreError) -> Int

    /// What a person did with earlier messages, and what everybody did. None for nobody.
    func engagement(of recipient: String) async throws(StoreError) -> (own: Engagement, prior: Engagement)
}

/// How a batch of receipts was taken in.
public struct ReceiptIntake: Hashable, Sendable {
    public var kept: Int
    public var repeated: Int

    public init(kept: Int = 0, repeated: Int = 0) {
        self.kept = kept
        self.repeated = repeated
    }
}

/// What one round over the inbox came to.
public struct ReceiptRound: Sendable {
    /// Receipts that are done with: applied, or told nothing.
    public var applied = 0
    public var ignored = 0
    /// Receipts that were looked at and wait on.
    public var waiting = 0
    /// Receipts whose message did not turn up in time.
    public var lapsed = 0
    /// The log entries that were written, for counting.
    public var entries: [LogEntry] = []
    /// When the next waiting receipt is due; nil: none waits.
    public var nextDueAt: Instant?
    /// More are due than were looked at.
    public var hasMore = false

    public init() {}
}

/// A receipt in the inbox.
public struct ReceiptRow: Hashable, Sendable {
    /// What became of a receipt. The raw value is stored; never renumber.
    public enum Standing: UInt8, CaseIterable, Sendable, CustomStringConvertible {
        case waiting = 0
        case applied = 1
        /// It changed nothing; see ``ReceiptRow/note``.
        case ignored = 2
        /// Its message did not turn up in time.
        case lapsed = 3

        public var description: String {
            switch self {
            case .waiting: "waiting"
            case .applied: "applied"
            case .ignored: "ignored"
            case .lapsed: "lapsed"
            }
        }
    }

    public var id: Int64
    public var receivedAt: Instant
    public var receipt: Receipt
    public var standing: Standing
    /// Why it waits or was ignored.
    public var note: String

    public init(id: Int64, receivedAt: Instant, receipt: Receipt, standing: Standing, note: String) {
        self.id = id
        self.receivedAt = receivedAt
        self.receipt = receipt
        self.standing = standing
        self.note = note
    }
}

/// All that judging a receipt knows, read in the transaction of its application.
public struct ReceiptFacts: Sendable {
    /// One attempt of the delivery, from the ledger.
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
    /// Nil when nobody has this id any more.
    public var profile: Profile?
    /// Where the delivery stands: the newest entry of its log.
    public var last: LogEntry
    /// What earlier receipts told.
    public var fold: ReceiptFold
    /// Its attempts as far as the ledger goes back, oldest first.
    public var attempts: [Attempt]
    /// The provider's id from the newest acceptance that we recorded.
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

/// What follows from a receipt.
public enum ReceiptVerdict: Sendable {
    /// Not yet: the attempt it is about has no recorded outcome.
    case wait(String)
    /// It tells nothing new, or nothing that may be believed.
    case ignore(String)
    case apply(ReceiptEffect)
}

/// The changes that a receipt makes, all in one transaction.
public struct ReceiptEffect: Sendable {
    /// The events with the new one.
    public var fold: ReceiptFold
    /// The delivery's next log entry; nil: it stands where it stood.
    public var entry: LogEntry?
    /// Ledger rows that are proven to be no contacts.
    public var released: [Int64] = []
    /// Ledger rows that turn out to be contacts after all.
    public var committed: [Int64] = []
    public var suppressions: [Suppression] = []
    public var engagement: [EngagementChange] = []
    /// The message's later channels are not needed any more; why, for their log.
    public var metEscalation: String?

    public init(fold: ReceiptFold) { self.fold = fold }
}

/// One counter of a person, and of everybody, changes.
public struct EngagementChange: Hashable, Sendable {
    /// Which counter.
    public enum Counter: Hashable, Sendable {
        case event(Engagement.Event, Channel)
        /// An hour of the week, 0…167, Monday 00:00 first.
        case hour(Int)
    }

    public var counter: Counter
    /// −1 only takes back what was counted: an earlier event of the same kind has turned up.
    public var change: Int

    public init(_ counter: Counter, _ change: Int) {
        self.counter = counter
        self.change = change
    }
}

/// Judges one receipt. Pure: called by the store inside its transaction, on its own thread.
public typealias ReceiptDecider = @Sendable (_ facts: ReceiptFacts, _ now: Instant) -> ReceiptVerdict
