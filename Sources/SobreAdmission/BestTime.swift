import SobreModel
import ZoneInfo

/// Estimates when a recipient is most likely to read a message, by the hour of the week. Combines the recipient's own
/// openings and clicks with those of all recipients.
///
/// Pure and stateless. Asked again at the moment it named, it finds none better. Without any data it finds none better
/// than now.
struct BestTime {
    /// How many events of all recipients weigh as much as the recipient's own.
    private static let weight = 12.0

    /// The score of each hour of the week, Monday 00:00 first. Only their order is meaningful.
    let scores: [Double]
    /// How many of the recipient's own openings and clicks are included.
    let events: Int

    init(own: Engagement, prior: Engagement) {
        let own = Self.smoothed(own.hours)
        let prior = Self.smoothed(prior.hours)
        let total = prior.reduce(0, +)
        scores = (0..<Engagement.hoursPerWeek).map { hour in
            own[hour] + (total > 0 ? Self.weight * prior[hour] / total : 0)
        }
        events = Int(own.reduce(0, +).rounded())
    }

    /// Counts half of an hour's events and a quarter of each neighbour's, because habits do not end on the hour.
    private static func smoothed(_ hours: [UInt16]) -> [Double] {
        let count = Engagement.hoursPerWeek
        guard hours.count == count else { return [Double](repeating: 0, count: count) }
        return hours.indices.map { hour in
            let before = Double(hours[(hour + count - 1) % count])
            let after = Double(hours[(hour + 1) % count])
            return Double(hours[hour]) / 2 + before / 4 + after / 4
        }
    }

    /// The best moment in [now, end]; the earliest of equal ones.
    ///
    /// - Parameters:
    ///   - now: the beginning.
    ///   - end: the latest moment.
    ///   - zone: the recipient's time zone.
    ///   - share: the position of the moment within its hour, 0 to 1. Spreads messages that have the same best hour.
    ///   - isOpen: whether a message may be sent at a moment. Hours whose moment is not open are skipped.
    /// - Returns: a later moment; nil when none is better than now.
    func moment(from now: Instant, to end: Instant, in zone: Zone, share: Double, isOpen: (Instant) -> Bool) -> Instant?
    {
        var best: (moment: Instant?, score: Double) = (nil, score(at: now, in: zone))
        var second = Self.nextHour(after: now.milliseconds.floorDivided(by: 1_000), in: zone)
        // A week has 168 hours. Clock changes add a few partial ones.
        for _ in 0..<(Engagement.hoursPerWeek + 8) {
            let begin = Instant(milliseconds: second * 1_000)
            guard begin <= end else { break }
            let next = Self.nextHour(after: second, in: zone)
            let score = score(at: begin, in: zone)
            if score > best.score {
                let length = Double((next - second) * 1_000)
                let moment = min(begin + .milliseconds(Int64(length * share)), end)
                if isOpen(moment) { best = (moment, score) }
            }
            second = next
        }
        return best.moment
    }

    private func score(at instant: Instant, in zone: Zone) -> Double { scores[Self.hour(of: instant, in: zone)] }

    /// The hour of the week in a time zone.
    static func hour(of instant: Instant, in zone: Zone) -> Int {
        let local = zone.local(at: instant.milliseconds.floorDivided(by: 1_000))
        return local.date.weekday.rawValue * 24 + local.hour
    }

    /// The next second at which the local time shows a full hour or a clock change happens.
    private static func nextHour(after second: Int64, in zone: Zone) -> Int64 {
        let local = zone.local(at: second)
        let full = second + Int64(3_600 - local.secondOfDay % 3_600)
        return min(full, zone.nextTransition(after: second) ?? .max)
    }
}
