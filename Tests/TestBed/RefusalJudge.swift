import SobreModel
import SobreStore

/// Checks that nobody was refused without cause: whenever a cap dropped a message, its window must have been full.
///
/// Reads the log entry by entry, in the order in which it was written, and shares no code with the policy engine. An
/// attempt takes a slot while it is open. Unless it was proven unsent, it also takes the slot for the window's length
/// after its outcome was recorded. When a crash interrupted the attempt, the provider may have accepted the message
/// until the attempt's latest possible end, so the window starts there. Every attempt recorded as sent must be known to
/// the sandbox. The slots of attempts with an unknown outcome always count.
struct RefusalJudge {
    private struct Person {
        /// The start of each open attempt, by delivery.
        var open: [Int64: Int64] = [:]
        /// When each taken slot becomes free.
        var freeAt: [Int64] = []
    }

    private let limit: Int
    private let window: Int64
    private let reach: Int64
    private let isJudged: (LogRow) -> Bool
    private let holders: (_ recipient: String, Channel?) -> [String]
    /// The other profiles that held the address of an open attempt. It counts for each of them.
    private var openHolders: [Int64: [String]] = [:]
    private var people: [String: Person] = [:]
    private(set) var refusals = 0
    private(set) var overBlocked = 0
    private(set) var unknownSlots = 0
    /// Deliveries recorded as sent, which must be known to the sandbox.
    private(set) var sent: Set<Int64> = []
    private(set) var faults: [String] = []

    /// - Parameters:
    ///   - limit: The cap.
    ///   - window: The cap's rolling window.
    ///   - reach: The longest duration of an attempt, from its admission.
    ///   - holders: The other profiles that hold a recipient's address on a channel. A refusal is justified by a full
    ///     window of any of them.
    ///   - isJudged: Whether an entry belongs to the cap.
    init(
        limit: Int, window: Duration, reach: Duration,
        holders: @escaping (_ recipient: String, Channel?) -> [String] = { _, _ in [] },
        judging isJudged: @escaping (LogRow) -> Bool
    ) {
        self.limit = limit
        self.window = window.milliseconds
        self.reach = reach.milliseconds
        self.holders = holders
        self.isJudged = isJudged
    }

    /// Processes the next entry of the log.
    mutating func take(_ row: LogRow) {
        guard isJudged(row) else { return }
        let entry = row.entry
        let delivery = entry.delivery.rawValue
        if entry.state == .attempting {
            let others = holders(row.recipient, entry.channel)
            openHolders[delivery] = others
            for person in [row.recipient] + others {
                people[person, default: Person()].open[delivery] = entry.at.milliseconds
            }
            return
        }
        if let others = openHolders.removeValue(forKey: delivery) { close(entry, of: [row.recipient] + others) }
        if entry.state == .dropped, entry.reason == DropReason.frequencyCapped.rawValue {
            refusals += 1
            judge(entry, of: row.recipient)
        }
    }

    private mutating func close(_ entry: LogEntry, of persons: [String]) {
        let delivery = entry.delivery.rawValue
        let reservedAt = people[persons[0]]?.open[delivery] ?? entry.at.milliseconds
        for person in persons { people[person]?.open[delivery] = nil }
        var from = entry.at.milliseconds
        switch entry.state {
        case .sent: sent.insert(delivery)
        case .unknown, .deferred:
            guard entry.state == .unknown || entry.possibleDuplicate else { return }
            unknownSlots += 1
            if entry.detail.hasPrefix("no outcome was recorded") { from = max(from, reservedAt + reach) }
        default: return
        }
        for person in persons { people[person]!.freeAt.append(from + window) }
    }

    private mutating func judge(_ entry: LogEntry, of recipient: String) {
        var taken = 0
        for person in [recipient] + holders(recipient, entry.channel) {
            taken = max(taken, slots(of: person, at: entry.at.milliseconds))
        }
        guard taken < limit else { return }
        overBlocked += 1
        guard faults.count < 100 else { return }
        faults.append("\(recipient) was refused \(entry.delivery) at \(entry.at) with \(taken) of \(limit) taken")
    }

    /// The slots that a recipient's contacts take.
    private mutating func slots(of recipient: String, at now: Int64) -> Int {
        var person = people[recipient] ?? Person()
        person.freeAt.removeAll { $0 <= now }
        people[recipient] = person
        return person.open.count + person.freeAt.count
    }
}
