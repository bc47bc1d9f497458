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
    ///   - isJudged: Whether an entry belongs to the cap.
    init(limit: Int, window: Duration, reach: Duration, judging isJudged: @escaping (LogRow) -> Bool) {
        self.limit = limit
        self.window = window.milliseconds
        self.reach = reach.milliseconds
        self.isJudged = isJudged
    }

    /// Processes the next entry of the log.
    mutating func take(_ row: LogRow) {
        guard isJudged(row) else { return }
        let entry = row.entry
        let delivery = entry.delivery.rawValue
        if entry.state == .attempting {
            people[row.recipient, default: Person()].open[delivery] = entry.at.milliseconds
            return
        }
        if let reservedAt = people[row.recipient]?.open.removeValue(forKey: delivery) {
            close(entry, reservedAt: reservedAt, of: row.recipient)
        }
        if entry.state == .dropped, entry.reason == DropReason.frequencyCapped.rawValue {
            refusals += 1
            judge(entry, of: row.recipient)
        }
    }

    private mutating func close(_ entry: LogEntry, reservedAt: Int64, of person: String) {
        var from = entry.at.milliseconds
        switch entry.state {
        case .sent: sent.insert(entry.delivery.rawValue)
        case .unknown, .deferred:
            guard entry.state == .unknown || entry.possibleDuplicate else { return }
            unknownSlots += 1
            if entry.detail.hasPrefix("no outcome was recorded") { from = max(from, reservedAt + reach) }
        default: return
        }
        people[person]!.freeAt.append(from + window)
    }

    private mutating func judge(_ entry: LogEntry, of recipient: String) {
        var person = people[recipient] ?? Person()
        let now = entry.at.milliseconds
        person.freeAt.removeAll { $0 <= now }
        people[recipient] = person
        let taken = person.open.count + person.freeAt.count
        guard taken < limit else { return }
        overBlocked += 1
        guard faults.count < 100 else { return }
        faults.append("\(recipient) was refused \(entry.delivery) at \(entry.at) with \(taken) of \(limit) taken")
    }
}
