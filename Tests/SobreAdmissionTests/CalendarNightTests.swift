import SobreAdmission
import SobreModel
import Testing
import ZoneInfo

/// Calendar caps through both nights on which the clocks change, and across a skipped day. The test's own check
/// compares the local dates of instants and does not compute where days begin.
@Suite struct CalendarNightTests {
    struct Night: Sendable {
        var zone: String
        /// A few hours before the night.
        var from: String
    }

    static let nights = [
        Night(zone: "Europe/Paris", from: "2026-03-28T12:00:00Z"),
        Night(zone: "Europe/Paris", from: "2026-10-24T12:00:00Z"),
        Night(zone: "America/New_York", from: "2026-03-07T18:00:00Z"),
        Night(zone: "America/New_York", from: "2026-10-31T18:00:00Z"),
        Night(zone: "America/Sao_Paulo", from: "2018-02-17T12:00:00Z"),
        Night(zone: "America/Sao_Paulo", from: "2018-11-03T12:00:00Z"),
        Night(zone: "Africa/Cairo", from: "2026-04-23T06:00:00Z"),
        Night(zone: "Africa/Cairo", from: "2026-10-29T06:00:00Z"),
        Night(zone: "Australia/Lord_Howe", from: "2026-04-04T00:00:00Z"),
        Night(zone: "Australia/Lord_Howe", from: "2026-10-03T00:00:00Z"),
        Night(zone: "Pacific/Apia", from: "2011-12-29T12:00:00Z"),
    ]

    @Test("each date on the wall gets its limit, and a hold ends with the date", arguments: nights)
    func dates(_ night: Night) throws {
        let zone = try ZoneCatalogue.system.zone(named: night.zone)
        func date(_ instant: Instant) -> CivilDate { zone.local(at: instant.milliseconds / 1_000).date }
        var random = Seeded(state: UInt64(night.from.utf8.reduce(0) { $0 &* 31 &+ Int($1) }.magnitude))
        var world = try World(
            "in_flight: 1s\ncaps: [{ name: day, limit: 2, window: calendar day, on_cap: hold }]",
            timezone: night.zone)
        var now = Instant(rfc3339: night.from)!
        let end = now + .seconds(3 * 86_400)
        var dates: [CivilDate] = []
        while now < end {
            let today = dates.count { $0 == date(now) }
            let message = world.message()
            switch world.contact(message, at: now).verdict {
            case .send:
                #expect(today < 2, "a third message on \(date(now))")
                dates.append(date(now))
            case .hold(let until, .frequencyCapped):
                #expect(today == 2)
                #expect(date(until) > date(now), "the hold ends within the date")
                #expect(date(until - .milliseconds(1)) == date(now), "the hold ends after the date does")
                #expect(world.ask(message, at: until).isSend)
                #expect(!world.ask(message, at: until - .milliseconds(1)).isSend)
            case let other: Issue.record("\(other)")
            }
            now = now + .milliseconds(Int64.random(in: 1...7_200_000, using: &random))
        }
        // Every date that existed is full. The skipped date is not among them.
        let full = Set(dates)
        #expect(full.count >= 3)
        #expect(!(night.zone == "Pacific/Apia" && full.contains(CivilDate("2011-12-30")!)))
    }

    @Test(
        "the length of the day decides, not 24 hours",
        arguments: [
            ("Europe/Paris", "2026-03-28T23:00:00Z", 23.0), ("Europe/Paris", "2026-10-24T22:00:00Z", 25.0),
            ("America/New_York", "2026-03-08T05:00:00Z", 23.0), ("America/New_York", "2026-11-01T04:00:00Z", 25.0),
            ("America/Sao_Paulo", "2018-11-04T03:00:00Z", 23.0), ("America/Sao_Paulo", "2018-02-17T02:00:00Z", 25.0),
            ("Africa/Cairo", "2026-04-23T22:00:00Z", 23.0), ("Africa/Cairo", "2026-10-28T21:00:00Z", 25.0),
            ("Australia/Lord_Howe", "2026-10-03T13:30:00Z", 23.5),
            ("Australia/Lord_Howe", "2026-04-04T13:00:00Z", 24.5),
        ])
    func lengths(_ zone: String, _ midnight: String, _ hours: Double) throws {
        var world = try World(
            "in_flight: 1s\ncaps: [{ name: day, limit: 1, window: calendar day, on_cap: hold }]", timezone: zone)
        let start = Instant(rfc3339: midnight)!
        world.contact(world.message(), at: start)
        #expect(
            world.ask(world.message(), at: start).verdict
                == .hold(until: start + .milliseconds(Int64(hours * 3_600_000)), .frequencyCapped))
        // A contact on the day before does not fill the day.
        world.ledger[0].committedAt = start - .milliseconds(1)
        #expect(world.ask(world.message(), at: start).isSend)
    }
}
