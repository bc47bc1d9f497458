import SobreModel
import SobreStore

/// Judges whether people were refused for nothing: every message that a cap dropped must have met a full window.
///
/// Reads the log entry by entry in the order in which it was written, and shares no code with what decides. A slot is
/// taken while an attempt is open, and from the moment at which its outcome was recorded for the window's length, unless
/// it was proven unsent. Where a crash cut an attempt off, the far end may have taken the message as late as the attempt
/// could have lasted, so its slot is taken from then on. Slots of attempts recorded as sent must be known to the far end;
/// those of unknown fate are taken as they stand.
struct RefusalJudge {
    private struct Person {
        /// When each open attempt was opened, by delivery.
        var open: [Int64: Int64] = [:]
        /// When the slots that are taken become free.
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
    /// Deliveries that count as sent, to be found at the far end.
    private(set) var sent: Set<Int64> = []
    private(set) var faults: [String] = []

    /// - Parameters:
    ///   - limit: the cap.
    ///   - window: its rolling window.
    ///   - reach: the longest that an attempt may last, from its admission.
    ///   - isJudged: which entries belong to the cap.
    init(limit: Int, window: Duration, reach: Duration, judging isJudged: @escaping (LogRow) -> Bool) {
        self.limit = limit
        self.window = window.milliseconds
        self.reach = reach.milliseconds
        self.isJudged = isJudged
    }

    /// Takes the next entry of the log.
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
