public import SobreModel

/// What became of the deliveries of a replay. A delivery is a message on one channel, or on the first that works.
public struct Tally: Sendable {
    /// Counts of deliveries.
    public struct Row: Sendable, Hashable {
        public var requested = 0
        public var sentOn = ByChannel(repeating: 0)
        /// Held at least once, whatever became of it.
        public var held = 0
        /// Held, and sent later.
        public var sentAfterHold = 0
        public var dropped = 0
        public var expired = 0
        /// Still held when the replay ended.
        public var waiting = 0

        public var sent: Int { Channel.allCases.reduce(0) { $0 + sentOn[$1] } }

        static func + (a: Row, b: Row) -> Row {
            var sentOn = a.sentOn
            for channel in b.sentOn.channels { sentOn[channel] += b.sentOn[channel] }
            return Row(
                requested: a.requested + b.requested, sentOn: sentOn, held: a.held + b.held,
                sentAfterHold: a.sentAfterHold + b.sentAfterHold, dropped: a.dropped + b.dropped,
                expired: a.expired + b.expired, waiting: a.waiting + b.waiting)
        }
    }

    /// What one rule of the policy did.
    public struct RuleRow: Sendable, Hashable {
        public var name: String
        /// `cap`, `quiet_hours`, `duplicate` or `control_group`.
        public var kind: String
        /// Deliveries that it held before any other rule did.
        public var held = 0
        /// Of those, the ones that were sent later.
        public var sentAfterHold = 0
        /// Deliveries that it stopped for good.
        public var dropped = 0
    }

    /// By campaign, or by template where there is none; by name.
    public internal(set) var campaigns: [(name: String, row: Row)] = []
    /// Why deliveries were not sent: `dropped` or `expired` or `held`, its reason, and how many; in the order of the names.
    public internal(set) var reasons: [(state: String, reason: String, count: Int)] = []
    /// The rules that did anything, most active first.
    public internal(set) var rules: [RuleRow] = []
    /// Contacts per person and week.
    public internal(set) var weekly: WeeklyContacts
    /// How many decisions were made.
    public internal(set) var decisions = 0

    /// By person, in the order of the log: how many messages were sent,
    var sent: [Int32]
    /// which they were and on which channel (a sum of hashes, so that their order does not matter),
    var which: [UInt64]
    /// and when.
    var when: [UInt64]

    init(people: Int) {
        weekly = WeeklyContacts(people: people)
        sent = Array(repeating: 0, count: people)
        which = Array(repeating: 0, count: people)
        when = Array(repeating: 0, count: people)
    }

    /// All campaigns together.
    public var total: Row { campaigns.reduce(Row()) { $0 + $1.row } }
}
