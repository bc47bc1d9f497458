import SobreModel

/// How many contacts people get a week: person-weeks by their number of contacts.
///
/// Weeks begin on Monday, 00:00 UTC. Contacts of one person come in order of time, so that only the person's current week
/// is kept.
public struct WeeklyContacts: Sendable {
    /// Person-weeks with so many contacts; the index is the number. Weeks without any are not counted.
    public private(set) var weeks: [Int] = []
    private var current: [Int32]
    private var counts: [Int32]
    /// The most that each person got in one week.
    private(set) var most: [Int32]

    init(people: Int) {
        current = Array(repeating: .min, count: people)
        counts = Array(repeating: 0, count: people)
        most = Array(repeating: 0, count: people)
    }

    /// The most that anybody got in one week.
    public var highest: Int { max(0, weeks.count - 1) }

    mutating func add(_ person: Int, at instant: Instant) {
        let week = Self.week(of: instant)
        if current[person] != week {
            flush(person)
            current[person] = week
        }
        counts[person] += 1
    }

    /// Counts the weeks that were not over. To be called once, after the last contact.
    mutating func close() { for person in counts.indices { flush(person) } }

    private mutating func flush(_ person: Int) {
        let count = Int(counts[person])
        guard count > 0 else { return }
        while weeks.count <= count { weeks.append(0) }
        weeks[count] += 1
        most[person] = max(most[person], Int32(count))
        counts[person] = 0
    }

    /// Weeks since the one that holds 1970-01-01, a Thursday.
    private static func week(of instant: Instant) -> Int32 {
        let days = instant.milliseconds.floorDivided(by: 86_400_000) + 3
        return Int32(truncatingIfNeeded: days.floorDivided(by: 7))
    }
}
