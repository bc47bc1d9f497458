import SobreModel

/// The distribution of contacts per recipient and week.
///
/// Weeks begin on Monday, 00:00 UTC. Each recipient's contacts must be added in order of time, so that only the current
/// week is kept.
public struct WeeklyContacts: Sendable {
    /// The number of recipient-weeks, by number of contacts (the index). Weeks without contacts are not counted.
    public private(set) var weeks: [Int] = []
    private var current: [Int32]
    private var counts: [Int32]
    /// The highest number of contacts in one week, by recipient.
    private(set) var most: [Int32]

    init(people: Int) {
        current = Array(repeating: .min, count: people)
        counts = Array(repeating: 0, count: people)
        most = Array(repeating: 0, count: people)
    }

    /// The highest number of contacts of any recipient in one week.
    public var highest: Int { max(0, weeks.count - 1) }

    mutating func add(_ person: Int, at instant: Instant) {
        let week = Self.week(of: instant)
        if current[person] != week {
            flush(person)
            current[person] = week
        }
        counts[person] += 1
    }

    /// Counts the unfinished weeks. Call it once, after the last contact.
    mutating func close() { for person in counts.indices { flush(person) } }

    private mutating func flush(_ person: Int) {
        let count = Int(counts[person])
        guard count > 0 else { return }
        while weeks.count <= count { weeks.append(0) }
        weeks[count] += 1
        most[person] = max(most[person], Int32(count))
        counts[person] = 0
    }

    /// Weeks since the one with 1970-01-01, a Thursday.
    private static func week(of instant: Instant) -> Int32 {
        let days = instant.milliseconds.floorDivided(by: 86_400_000) + 3
        return Int32(truncatingIfNeeded: days.floorDivided(by: 7))
    }
}
