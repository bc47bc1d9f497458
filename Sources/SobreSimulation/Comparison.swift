import SobreModel

/// The differences for recipients between two replays of one log.
public struct Comparison: Sendable {
    /// A recipient who gets more or fewer messages.
    public struct Person: Sendable, Hashable {
        public var id: String
        public var sentBefore: Int
        public var sentAfter: Int
        /// The highest number of messages in one week.
        public var weekBefore: Int
        public var weekAfter: Int
    }

    /// Recipients who get the same messages on the same channels, some at other times.
    public private(set) var onlyTimes = 0
    /// Recipients who get the same number of messages, but different ones.
    public private(set) var others = 0
    public private(set) var fewer = 0
    public private(set) var more = 0
    /// The recipients whose number of messages changes most, at most as many as requested.
    public private(set) var most: [Person] = []

    /// The number of recipients with any difference, including times.
    public var changed: Int { onlyTimes + others + fewer + more }

    /// Compares two replays of one log. ``most`` gets at most `limit` entries.
    public init(_ log: RequestLog, before: Tally, after: Tally, naming limit: Int) {
        var touched: [Int] = []
        for person in log.people.indices {
            let (a, b) = (before.sent[person], after.sent[person])
            if a == b, before.when[person] == after.when[person] { continue }
            if a == b, before.which[person] == after.which[person] {
                onlyTimes += 1
            } else if a == b {
                others += 1
            } else if b < a {
                fewer += 1
                touched.append(person)
            } else {
                more += 1
                touched.append(person)
            }
        }
        let difference = { (person: Int) in abs(Int(after.sent[person]) - Int(before.sent[person])) }
        touched.sort { (difference($1), log.people[$0]) < (difference($0), log.people[$1]) }
        most = touched.prefix(max(0, limit)).map { person in
            Person(
                id: log.people[person], sentBefore: Int(before.sent[person]), sentAfter: Int(after.sent[person]),
                weekBefore: Int(before.weekly.most[person]), weekAfter: Int(after.weekly.most[person]))
        }
    }
}
