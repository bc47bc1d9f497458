import SobreModel
import Testing

@Suite("Engagement")
struct EngagementTests {
    private func sample(_ seed: Int) -> Engagement {
        var engagement = Engagement()
        for step in 0..<40 {
            let value = seed &* 31 &+ step &* step &* 7
            engagement.record(
                Engagement.Event.allCases[value.magnitudeModulo(3)],
                on: Channel.allCases[value.magnitudeModulo(Channel.allCases.count)],
                hourOfWeek: value.magnitudeModulo(168))
        }
        return engagement
    }

    @Test("Merging is the same in any order and grouping")
    func mergeOrder() {
        let parts = (1...4).map(sample)
        var left = Engagement.none
        for part in parts { left.merge(part) }
        var pair = parts[3]
        pair.merge(parts[1])
        var right = parts[2]
        right.merge(parts[0])
        right.merge(pair)
        #expect(left == right)
        #expect(left != parts[0])
    }

    @Test("An hour that no week has is refused and changes nothing", arguments: [-1, 168, 4_000])
    func hours(hour: Int) {
        var engagement = sample(1)
        let before = engagement
        let isSet = engagement.set(hour: hour, to: 1)
        #expect(!isSet && engagement == before)
        let isLastSet = engagement.set(hour: 167, to: 9)
        #expect(isLastSet && engagement.hours[167] == 9)
    }

    @Test("Counters stop at their greatest value instead of beginning anew")
    func saturation() {
        var engagement = Engagement()
        engagement[.email] = Engagement.Counts(delivered: .max, opened: .max - 1, clicked: 0)
        for _ in 0..<3 { engagement.record(.opened, on: .email, hourOfWeek: 5) }
        engagement.record(.delivered, on: .email)
        #expect(engagement[.email] == Engagement.Counts(delivered: .max, opened: .max, clicked: 0))
        for _ in 0..<70_000 { engagement.record(.clicked, on: .sms, hourOfWeek: 6) }
        #expect(engagement.hours[5] == 3)
        #expect(engagement.hours[6] == .max)
    }

    @Test("A delivery says nothing about the hour")
    func deliveries() {
        var engagement = Engagement()
        engagement.record(.delivered, on: .push, hourOfWeek: 3)
        #expect(engagement.hours.isEmpty)
        #expect(engagement[.push].delivered == 1)
    }
}

@Suite("A changed zone")
struct FormerTimezoneTests {
    @Test("The newest changes are remembered, old ones and made up ones forgotten")
    func changes() {
        let day = Duration.seconds(86_400)
        let start = Instant(milliseconds: 1_700_000_000_000)
        var profile = Profile(id: "ann", timezone: "Europe/Paris")
        for (index, name) in ["Asia/Tokyo", nil, "Asia/Tokyo", "America/Lima", "Africa/Cairo"].enumerated() {
            var next = Profile(
                id: "ann", timezone: name, formerTimezones: [FormerTimezone(name: "Pacific/Apia", leftAt: start)])
            next.rememberZones(of: profile, at: start + day * index)
            profile = next
        }
        #expect(profile.formerTimezones.map(\.name) == ["America/Lima", "Asia/Tokyo", nil, "Asia/Tokyo"])
        #expect(profile.formerTimezones.first?.leftAt == start + day * 4)

        var same = Profile(id: "ann", timezone: "Africa/Cairo")
        same.rememberZones(of: profile, at: start + day * 403)
        #expect(same.formerTimezones.map(\.name) == ["America/Lima", "Asia/Tokyo"])
    }
}

extension Int {
    fileprivate func magnitudeModulo(_ divisor: Int) -> Int { Int(magnitude % UInt(divisor)) }
}
