import SobreModel

/// The distribution of contacts per recipient and week. Only weeks with contacts are counted.
struct WeeklyHistogram {
    private var contacts: [Key: Int] = [:]

    private struct Key: Hashable {
        var person: String
        var week: Int64
    }

    mutating func add(person: String, at: Instant, count: Int = 1) {
        contacts[Key(person: person, week: at.milliseconds.floorDivided(by: 7 * 86_400_000)), default: 0] += count
    }

    /// The number of recipient-weeks with 1, 2, … contacts. The last bucket includes all higher numbers.
    func counts(buckets: Int) -> [Int] {
        var counts = Array(repeating: 0, count: buckets)
        for count in contacts.values { counts[min(count, buckets) - 1] += 1 }
        return counts
    }

    var most: Int { contacts.values.max() ?? 0 }
}
