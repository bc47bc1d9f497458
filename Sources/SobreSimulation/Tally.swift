public import SobreModel

/// The counts of a replay. A delivery is a message on one channel, or on the first channel that works.
public struct Tally: Sendable {
    /// Counts of deliveries.
    public struct Row: Sendable, Hashable {
        public var requested = 0
        public var sentOn = ByChannel(repeating: 0)
        /// Held at least once, whatever the outcome.
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

    /// The effects of one rule of the policy.
    public struct RuleRow: Sendable, Hashable {
        public var name: String
        /// `cap`, `quiet_hours`, `duplicate` or `control_group`.
        public var kind: String
        /// Deliveries that this rule held first.
        public var held = 0
        /// Those of them that were sent later.
        public var sentAfterHold = 0
        /// Deliveries that it dropped.
        public var dropped = 0
    }

    /// Rows by campaign, or by template if there is none, sorted by name.
    public internal(set) var campaigns: [(name: String, row: Row)] = []
    /// Why deliveries were not sent: the state (`dropped`, `expired` or `held`), the reason, and the number, sorted by
    /// names.
    public internal(set) var reasons: [(state: String, reason: String, count: Int)] = []
    /// The rules with any effect, most active first.
    public internal(set) var rules: [RuleRow] = []
    /// Contacts per person and week.
    public internal(set) var weekly: WeeklyContacts
    /// The number of decisions.
    public internal(set) var decisions = 0

    /// The number of messages sent, by recipient in the order of the log.
    var sent: [Int32]
    /// A fingerprint of the messages and their channels, by recipient. It is a sum of hashes, so their order does not
    /// matter.
    var which: [UInt64]
    /// The same including the times of sending.
    var when: [UInt64]

    init(people: Int) {
        weekly = WeeklyContacts(people: people)
        sent = Array(repeating: 0, count: people)
        which = Array(repeating: 0, count: people)
        when = Array(repeating: 0, count: people)
    }

    /// The sum of all campaigns.
    public var total: Row { campaigns.reduce(Row()) { $0 + $1.row } }
}
