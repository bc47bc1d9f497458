public import HistoryChecker
public import SobreModel

/// One history: who there is, and an explicit list of what happens. Everything else follows from it and its seed, so a
/// history that fails can be made shorter by leaving steps out.
public struct History: Sendable {
    public struct Step: Sendable {
        /// Milliseconds of true time since the history began.
        public var at: Int64
        public var action: Action
        /// Which of its seed's steps it is.
        var place = 0
    }

    /// Where a crash waits to happen.
    public enum Point: String, CaseIterable, Sendable {
        case claimed, admitting, admitted, requested, took, recording, recorded, accepting, accepted
    }

    /// Calls of the store that can be made to fail or to take long.
    public enum StoreCall: String, CaseIterable, Sendable {
        case enqueue, claim, admit, settle, record, overdue
    }

    public struct Letter: Hashable, Sendable {
        public var person: Int
        public var category: String
        public var campaign: String
        public var template: String
        /// The data, which with the template makes the words.
        public var words: Int
        public var channels: [Channel]
        public var route: ChannelRoute
        public var priority: Priority
        public var dedupKey: String?
        public var key: String?
        /// Milliseconds after it is sent in; nil: at once.
        public var sendAfter: Int64?
        public var expiresAfter: Int64?
        /// With `route: escalate`, milliseconds after which the next channel is used.
        public var escalatesAfter: Int64 = 5000
        public var escalatesUntil = Escalation.Success.opened
        /// Milliseconds within which it may wait for the best time; nil: it is not to wait.
        public var bestTimeWithin: Int64?
        public var tenant: String?
        public var isTest = false
        /// Its own word on caps, in place of its category's.
        public var capFlags: CapFlags?
        /// Which of its seed's messages it is, in no particular order.
        var number = 0
    }

    /// What a person asks for.
    public struct Wish: Hashable, Sendable {
        public var percent = 100
        /// A limit of the person's own for one of the fixtures's caps.
        public var rule: String?
        public var limit = 1
        /// Milliseconds from now for which nothing is to come; nil: no pause.
        public var pause: Int64?
        public var category: String?
        public var channel: Channel?
    }

    public enum Action: Sendable {
        case send([Letter])
        /// A person's consents and address book as of now.
        case change(person: Int, consents: Bool, sharesMailboxOf: Int?, hasPhone: Bool, hasTablet: Bool = false)
        case wish(person: Int, Wish)
        case suppress(person: Int, byAddress: Bool, channel: Channel?, category: String?)
        case lift(person: Int)
        /// By the letter's number.
        case cancel(letter: Int)
        case merge(from: Int, into: Int)
        case policy(Int)
        case crash(down: Int64)
        case crashAt(Point, down: Int64)
        case restart(down: Int64)
        /// The process stands still: a paused container, a swapped-out machine.
        case freeze(for: Int64)
        case setClock(ahead: Int64)
        case storm(provider: String, Fate, for: Int64)
        case failStore(StoreCall, times: Int)
        case loseAnswer(StoreCall)
        case stall(StoreCall, for: Int64)
        /// Receipts of what was taken so far, in a shuffled order and several times.
        case receipts(copies: Int)
    }

    public var seed: UInt64
    public var people: Int
    public var firstPolicy: Int
    /// Providers answer plainly, but for storms.
    public var isKind = false
    /// Providers tell what became of each message by themselves, sooner or later.
    public var isTalkative = false
    /// People look at their messages in the hour after midnight, and only then.
    public var looksAtMidnight = false
    public var steps: [Step]

    /// The clock when a history begins: two minutes before midnight of UTC.
    static let beginsAt = Instant(milliseconds: 1_772_495_880_000)
}

/// What a provider does with a request.
public enum Fate: String, CaseIterable, Sendable {
    case accepts, acceptsSlowly
    /// It takes the message and its answer never comes.
    case acceptsSilently
    case silent
    case acceptsAndResets, resets
    case acceptsAndFails, fails
    case unavailable, throttles
    case acceptsWithGarbage, garbage
    /// The connection is refused: nothing was sent.
    case unreachable
    case noSuchRecipient, recipientGone, refusesContent
    case unauthorised

    var takes: Bool {
        switch self {
        case .accepts, .acceptsSlowly, .acceptsSilently, .acceptsAndResets, .acceptsAndFails, .acceptsWithGarbage: true
        default: false
        }
    }

    /// Whether the answer says what became of the request.
    var isPlain: Bool {
        switch self {
        case .acceptsSilently, .silent, .acceptsAndResets, .resets, .acceptsAndFails, .fails, .acceptsWithGarbage,
            .garbage:
            false
        default: true
        }
    }
}
