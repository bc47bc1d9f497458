import SobreAdmission
import SobreModel
import Testing
import ZoneInfo

/// After a change of time zone, limits are checked in both zones.
@Suite struct ChangedZoneTests {
    static let zones = ["Europe/London", "Pacific/Apia", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Midway"]

    @Test("moving about frees no slot, and takes none longer than it must", arguments: 0..<30)
    func moving(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 4_000)
        let limit = Int.random(in: 1...3, using: &random)
        var world = try World(
            "in_flight: 1s\nzone_change: 0s\ncaps: [{ name: day, limit: \(limit), window: calendar day, on_cap: hold }]"
        )
        let places = try Dictionary(
            uniqueKeysWithValues: Self.zones.map { ($0, try ZoneCatalogue.system.zone(named: $0)) })
        func date(_ instant: Instant, _ zone: String) -> CivilDate {
            places[zone]!.local(at: instant.milliseconds / 1_000).date
        }
        var contacts: [Instant] = []
        var holds = 0
        var now = World.noon
        /// Whether the day has room in every time zone that counts: the present one, and those left on that day.
        func hasRoom(at instant: Instant, _ profile: Profile) -> Bool {
            let left = profile.formerTimezones.filter {
                date($0.leftAt, $0.name!) == date(instant, $0.name!)
            }.map { $0.name! }
            return ([profile.timezone!] + left).allSatisfy { zone in
                contacts.count { date($0, zone) == date(instant, zone) } < limit
            }
        }
        for _ in 0..<300 {
            now = now + .milliseconds(Int64.random(in: 1...10_000_000, using: &random))
            if Int.random(in: 0..<12, using: &random) == 0 {
                var moved = world.profile!
                moved.timezone = Self.zones.randomElement(using: &random)!
                moved.rememberZones(of: world.profile!, at: now)
                world.profile = moved
                continue
            }
            let message = world.message()
            let profile = world.profile!
            switch world.contact(message, at: now).verdict {
            case .send:
                #expect(hasRoom(at: now, profile))
                contacts.append(now)
            case .hold(let until, .frequencyCapped):
                holds += 1
                #expect(!hasRoom(at: now, profile))
                #expect(hasRoom(at: until, profile) && !hasRoom(at: until - .milliseconds(1), profile))
                #expect(world.ask(message, at: until).isSend)
            case let other: Issue.record("\(other)")
            }
        }
        #expect(holds > 0)
    }

    @Test("quiet hours hold in both zones for the time that the policy says, and then in the new one alone")
    func quietHours() throws {
        let yaml = """
            zone_change: 12h
            quiet_hours: [{ name: nights, hours: [{ from: "21:00", to: "08:00" }], on_hit: drop }]
            """
        var world = try World(yaml, timezone: "America/New_York")
        let change = World.noon
        world.profile?.formerTimezones = [FormerTimezone(name: "Asia/Tokyo", leftAt: change)]
        // 14:00 in New York, 04:00 in Tokyo.
        let later = change + .seconds(7 * 3_600)
        #expect(world.ask(world.message(), at: later).verdict == .drop(.quietHours))
        #expect(world.ask(world.message(), at: later).text.contains(#""zones":["America/New_York","Asia/Tokyo"]"#))
        world.profile?.formerTimezones = [FormerTimezone(name: "Asia/Tokyo", leftAt: later - .seconds(12 * 3_600))]
        #expect(world.ask(world.message(), at: later).isSend)
    }

    @Test("one who had no zone was in the policy's default")
    func fromNowhere() throws {
        let yaml = "default_timezone: Asia/Tokyo\nin_flight: 1s\ncaps: [{ name: day, limit: 1, window: calendar day }]"
        var world = try World(yaml, timezone: nil)
        // 16:30 UTC is the next day in Tokyo.
        world.contact(world.message(), at: Instant(rfc3339: "2026-03-02T16:30:00Z")!)
        let moved = Instant(rfc3339: "2026-03-02T17:00:00Z")!
        var profile = world.profile!
        profile.timezone = "UTC"
        profile.rememberZones(of: world.profile!, at: moved)
        world.profile = profile
        // A new day in UTC, still the same one in Tokyo.
        let next = Instant(rfc3339: "2026-03-03T00:30:00Z")!
        #expect(!world.ask(world.message(), at: next).isSend)
        world.profile?.formerTimezones = []
        #expect(world.ask(world.message(), at: next).isSend)
    }
}
