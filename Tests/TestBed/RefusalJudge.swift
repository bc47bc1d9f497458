import SobreModel
import SobreStore

/// Judges whether people were refused for nothing: every message that a cap dropped must have met a full window.
///
/// Reads the log entry by entry in the order in which it was written, and shares no code with what decides. A slot is
/// taken while an attempt is open, and after it from the moment at which its outcome was recorded for the window's
/// length, unless it was proven unsent. Slots of attempts recorded as sent must be known to the far end; those of unknown
/// fate are taken as they stand.
struct RefusalJudge {
    private struct Person {
        /// Deliveries whose attempt is open.
        var open: Set<Int64> = []
        /// When the outcomes that count were recorded, ascending.
        var spent: [Int64] = []
        var firstSpent = 0
    }

    private let limit: Int
    private let window: Int64
    private let isJudged: (LogRow) -> Bool
    private var people: [String: Person] = [:]
    private(set) var refusals = 0
    private(set) var overBlocked = 0
    private(set) var unknownSlots = 0
    /// Deliveries that count as sent, to be found at the far end.
    private(set) var sent: Set<Int64> = []
    private(set) var faults: [String] = []

    init(limit: Int, window: Duration, judging isJudged: @escaping (LogRow) -> Bool) {
        self.limit = limit
        self.window = window.milliseconds
        self.isJudged = isJudged
    }

    /// Takes the next entry of the log.
    mutating func take(_ row: LogRow) {
        guard isJudged(row) else { return }
        let entry = row.entry
        let delivery = entry.delivery.rawValue
        if entry.state == .attempting {
            people[row.recipient, default: Person()].open.insert(delivery)
            return
        }
        if people[row.recipient]?.open.remove(delivery) != nil { close(entry, of: row.recipient) }
        if entry.state == .dropped, entry.reason == DropReason.frequencyCapped.rawValue {
            refusals += 1
            judge(entry, of: row.recipient)
        }
    }

    private mutating func close(_ entry: LogEntry, of person: String) {
        switch entry.state {
        case .sent: sent.insert(entry.delivery.rawValue)
        case .unknown: unknownSlots += 1
        case .deferred where entry.possibleDuplicate: unknownSlots += 1
        default: return
        }
        people[person]!.spent.append(entry.at.milliseconds)
    }

    private mutating func judge(_ entry: LogEntry, of recipient: String) {
        var person = people[recipient] ?? Person()
        let since = entry.at.milliseconds - window  // a slot taken then is free again
        while person.firstSpent < person.spent.count, person.spent[person.firstSpent] <= since {
            person.firstSpent += 1
        }
        let taken = person.open.count + person.spent.count - person.firstSpent
        if taken < limit {
            overBlocked += 1
            if faults.count < 100 {
                faults.append(
                    "\(recipient) was refused \(entry.delivery) at \(entry.at) with \(taken) of \(limit) taken")
            }
        }
        people[recipient] = person
    }
}
