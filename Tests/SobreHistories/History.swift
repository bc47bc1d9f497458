public import HistoryChecker
public import SobreModel

/// One history: the recipients and an explicit list of events. Everything else follows from it and its seed. So a
/// failing history can be made shorter by leaving steps out.
public struct History: Sendable {
    public struct Step: Sendable {
        /// Milliseconds of true time since the history began.
        public var at: Int64
        public var action: Action
        /// The index of the step in its seed's history.
        var place = 0
    }

    /// The point at which an armed crash happens.
    public enum Point: String, CaseIterable, Sendable {
        case claimed, admitting, admitted, requested, took, recording, recorded, accepting, accepted
    }

    /// Calls of the store that can fail or take long.
    public enum StoreCall: String, CaseIterable, Sendable {
        case enqueue, claim, admit, settle, record, overdue
    }

    public struct Letter: Hashable, Sendable {
        public var person: Int
        public var category: String
        public var campaign: String
        public var template: String
        /// The data, which together with the template makes the content.
        public var words: Int
        public var channels: [Channel]
        public var route: ChannelRoute
        public var priority: Priority
        public var dedupKey: String?
        public var key: String?
        /// Milliseconds between submission and sending. Nil sends at once.
        public var sendAfter: Int64?
        public var expiresAfter: Int64?
        /// With `route: escalate`, the milliseconds until the next channel is used.
        public var escalatesAfter: Int64 = 5000
        public var escalatesUntil = Escalation.Success.opened
        /// Milliseconds within which it may wait for the best time. Nil does not wait.
        public var bestTimeWithin: Int64?
        public var tenant: String?
        public var isTest = false
        /// The message's own cap settings, which override its category's.
        public var capFlags: CapFlags?
        /// The index of the message in its seed's history, in no particular order.
        var number = 0
    }

    /// A recipient's own limits.
    public struct Wish: Hashable, Sendable {
        public var percent = 100
        /// The recipient's limit for one of the caps in the fixtures.
        public var rule: String?
        public var limit = 1
        /// Milliseconds from now without messages. Nil sets no pause.
        public var pause: Int64?
        public var category: String?
        public var channel: Channel?
    }

    public enum Action: Sendable {
        case send([Letter])
        /// Replaces a recipient's consents and addresses.
        case change(person: Int, consents: Bool, sharesMailboxOf: Int?, hasPhone: Bool, hasTablet: Bool = false)
        /// Gives a recipient the address of another one, which keeps it unless it moves.
        case share(person: Int, channel: Channel, of: Int, moves: Bool)
        case wish(person: Int, Wish)
        case suppress(person: Int, byAddress: Bool, channel: Channel?, category: String?)
        case lift(person: Int)
        /// Cancels the message with this number.
        case cancel(letter: Int)
        case merge(from: Int, into: Int)
        case policy(Int)
        /// An operator pauses what a filter means, for some milliseconds or until it is resumed.
        case pause(DeliveryFilter, for: Int64?)
        case resume(DeliveryFilter)
        case crash(down: Int64)
        case crashAt(Point, down: Int64)
        case restart(down: Int64)
        /// The process freezes, like a paused container or a swapped-out machine.
        case freeze(for: Int64)
        case setClock(ahead: Int64)
        case storm(provider: String, Fate, for: Int64)
        case failStore(StoreCall, times: Int)
        case loseAnswer(StoreCall)
        case stall(StoreCall, for: Int64)
        /// Sends receipts for everything accepted so far, shuffled and several times.
        case receipts(copies: Int)
    }

    public var seed: UInt64
    public var people: Int
    public var firstPolicy: Int
    /// Providers always give clear answers, except during storms.
    public var isKind = false
    /// Providers send receipts for each message by themselves, sooner or later.
    public var isTalkative = false
    /// Recipients open their messages only in the hour after midnight.
    public var looksAtMidnight = false
    /// The number of the start, from 0, at which the node is told that its data were restored from a backup; nil: none.
    public var restoredStart: Int?
    public var steps: [Step]

    /// The initial time: two minutes before midnight UTC.
    static let beginsAt = Instant(milliseconds: 1_772_495_880_000)
}

/// How a provider handles a request.
public enum Fate: String, CaseIterable, Sendable {
    case accepts, acceptsSlowly
    /// The message is accepted, but its answer never arrives.
    case acceptsSilently
    case silent
    case acceptsAndResets, resets
    case acceptsAndFails, fails
    case unavailable, throttles
    case acceptsWithGarbage, garbage
    /// The connection is refused. Nothing was sent.
    case unreachable
    case noSuchRecipient, recipientGone, refusesContent
    case unauthorised

    var takes: Bool {
        switch self {
        case .accepts, .acceptsSlowly, .acceptsSilently, .acceptsAndResets, .acceptsAndFails, .acceptsWithGarbage: true
        default: false
        }
    }

    /// Whether the answer tells clearly what happened to the request.
    var isPlain: Bool {
        switch self {
        case .acceptsSilently, .silent, .acceptsAndResets, .resets, .acceptsAndFails, .fails, .acceptsWithGarbage,
            .garbage:
            false
        default: true
        }
    }
}
