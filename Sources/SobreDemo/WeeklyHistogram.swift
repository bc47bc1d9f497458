import SobreModel

/// How many contacts people get a week: counted over the weeks in which a person was meant to get anything.
struct WeeklyHistogram {
    private var contacts: [Key: Int] = [:]

    private struct Key: Hashable {
        var person: String
        var week: Int64
    }

    mutating func add(person: String, at: Instant, count: Int = 1) {
        contacts[Key(person: person, week: at.milliseconds.floorDivided(by: 7 * 86_400_000)), default: 0] += count
    }

    /// Person-weeks with 1, 2, … contacts; the last bucket holds everything from `buckets` on.
    func counts(buckets: Int) -> [Int] {
        var counts = Array(repeating: 0, count: buckets)
        for count in contacts.values { counts[min(count, buckets) - 1] += 1 }
        return counts
    }

    var most: Int { contacts.values.max() ?? 0 }
}
