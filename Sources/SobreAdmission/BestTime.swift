import SobreModel
import ZoneInfo

/// When a person is most likely to look: by the hour of the week, from what they did before, smoothed by what
/// everybody did.
///
/// Pure, and without memory: asked again at the moment that it named, it says "now". What is not known at all says
/// "now", too.
struct BestTime {
    /// Events of everybody's that weigh as much as the person's own.
    private static let weight = 12.0

    /// The likelihood of each hour of the week, Monday 00:00 first; only their order means something.
    let scores: [Double]
    /// How many openings and clicks of the person's own stand behind it.
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

    /// Half of an hour's events, and a quarter of each neighbour's: habits do not end at a full hour.
    private static func smoothed(_ hours: [UInt16]) -> [Double] {
        let count = Engagement.hoursPerWeek
        guard hours.count == count else { return [Double](repeating: 0, count: count) }
        return hours.indices.map { hour in
            let before = Double(hours[(hour + count - 1) % count])
            let after = Double(hours[(hour + 1) % count])
            return Double(hours[hour]) / 2 + before / 4 + after / 4
        }
    }

    /// The likeliest moment in [now, end], the earliest of equals.
    ///
    /// - Parameters:
    ///   - now: the beginning.
    ///   - end: the latest moment.
    ///   - zone: the person's.
    ///   - share: where in its hour a moment lies, 0 to 1: so that those who share an hour do not share a second.
    ///   - isOpen: whether a message may be sent at a moment; hours whose moment is not open are passed over.
    /// - Returns: a later moment, or nil when none is likelier than now.
    func moment(from now: Instant, to end: Instant, in zone: Zone, share: Double, isOpen: (Instant) -> Bool) -> Instant?
    {
        var best: (moment: Instant?, score: Double) = (nil, score(at: now, in: zone))
        var second = Self.nextHour(after: now.milliseconds.floorDivided(by: 1_000), in: zone)
        // A week has 168 hours; changes of the clocks add a few parts of hours.
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

    /// The hour of the week on the clocks of a zone.
    static func hour(of instant: Instant, in zone: Zone) -> Int {
        let local = zone.local(at: instant.milliseconds.floorDivided(by: 1_000))
        return local.date.weekday.rawValue * 24 + local.hour
    }

    /// The next second at which the clocks show a full hour, or are changed.
    private static func nextHour(after second: Int64, in zone: Zone) -> Int64 {
        let local = zone.local(at: second)
        let full = second + Int64(3_600 - local.secondOfDay % 3_600)
        return min(full, zone.nextTransition(after: second) ?? .max)
    }
}
