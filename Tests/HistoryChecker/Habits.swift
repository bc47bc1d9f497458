import SobreModel

/// What recipients are known to have done with their messages.
struct Habits {
    struct Counts {
        var delivered: [Channel: Int] = [:]
        var opened: [Channel: Int] = [:]
        var clicked: [Channel: Int] = [:]
        /// By hours since 1970, modulo a week of 168 hours.
        var hours: [Int64: Int] = [:]

        mutating func add(_ other: Counts) {
            delivered.merge(other.delivered, uniquingKeysWith: +)
            opened.merge(other.opened, uniquingKeysWith: +)
            clicked.merge(other.clicked, uniquingKeysWith: +)
            hours.merge(other.hours, uniquingKeysWith: +)
        }

        /// Whether recipients responded more often on one channel than on the other, with no more messages, by both
        /// opens and clicks.
        func answersBetter(on a: Channel, than b: Channel, strictly: Bool) -> Bool {
            let (openedA, openedB) = (opened[a] ?? 0, opened[b] ?? 0)
            let (clickedA, clickedB) = (clicked[a] ?? 0, clicked[b] ?? 0)
            return delivered[a] ?? 0 <= delivered[b] ?? 0 && openedA >= openedB && clickedA >= clickedB
                && (!strictly || max(openedA, clickedA) > max(openedB, clickedB))
        }
    }

    private var people: [String: Counts] = [:]
    private(set) var everybody = Counts()
    /// Whether an event happened on an unknown channel. Habits are then no longer checked.
    private(set) var isVague = false

    static func hour(of instant: Instant) -> Int64 { instant.milliseconds / 3_600_000 % 168 }

    func of(_ names: Set<String>) -> Counts {
        names.sorted().reduce(into: Counts()) { sum, name in if let counts = people[name] { sum.add(counts) } }
    }

    /// Counts new events, each event of a message once, in the hour of its earliest known time. Tests do not count.
    mutating func count(
        _ event: ReportedEvent, _ intent: Intent, before: [ReportedEvent: Instant], after: [ReportedEvent: Instant],
        person: String,
        isVague: Bool
    ) {
        if intent.draft.isTest { return }
        self.isVague = self.isVague || isVague
        var new = Counts()
        if event.isArrival, !before.keys.contains(where: \.isArrival) { new.delivered[intent.channel] = 1 }
        if event == .opened || event == .clicked {
            if before[event] == nil {
                if event == .opened { new.opened[intent.channel] = 1 } else { new.clicked[intent.channel] = 1 }
            }
            if before[event] != after[event] {
                if let old = before[event] { new.hours[Self.hour(of: old), default: 0] -= 1 }
                if let at = after[event] { new.hours[Self.hour(of: at), default: 0] += 1 }
            }
        }
        everybody.add(new)
        people[person, default: Counts()].add(new)
    }
}
