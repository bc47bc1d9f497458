import SobreAdmission
import SobreModel
import Testing

@Suite struct CalendarCapTests {
    static func instant(_ text: String) -> Instant { Instant(rfc3339: text)! }

    struct Case: Sendable {
        var window: String
        var zone: String
        /// The first contact, and the first instant after the window.
        var at: String
        var next: String
    }

    @Test(
        "a calendar window ends at the first instant of the next one, in the recipient's zone",
        arguments: [
            Case(
                window: "calendar day", zone: "Europe/Paris", at: "2026-03-28T23:30:00Z", next: "2026-03-29T22:00:00Z"),
            Case(
                window: "calendar day", zone: "Europe/Paris", at: "2026-10-24T22:00:00Z", next: "2026-10-25T23:00:00Z"),
            Case(
                window: "calendar day", zone: "America/New_York", at: "2026-03-08T05:00:00Z",
                next: "2026-03-09T04:00:00Z"),
            Case(
                window: "calendar day", zone: "America/New_York", at: "2026-11-01T04:00:00Z",
                next: "2026-11-02T05:00:00Z"),
            // 4 November 2018 has no midnight: the day before ends at 00:00, which is 01:00.
            Case(
                window: "calendar day", zone: "America/Sao_Paulo", at: "2018-11-03T12:00:00Z",
                next: "2018-11-04T03:00:00Z"),
            Case(
                window: "calendar day", zone: "Africa/Cairo", at: "2026-04-23T12:00:00Z", next: "2026-04-23T22:00:00Z"),
            Case(
                window: "calendar day", zone: "Australia/Lord_Howe", at: "2026-10-03T14:00:00Z",
                next: "2026-10-04T13:00:00Z"),
            // Apia skipped 30 December 2011: the 29th is followed by the 31st.
            Case(
                window: "calendar day", zone: "Pacific/Apia", at: "2011-12-30T09:00:00Z", next: "2011-12-30T10:00:00Z"),
            Case(window: "calendar 2 days", zone: "UTC", at: "1970-01-03T00:00:00Z", next: "1970-01-05T00:00:00Z"),
            Case(
                window: "calendar week", zone: "Europe/Paris", at: "2026-03-23T12:00:00Z", next: "2026-03-29T22:00:00Z"),
            Case(
                window: "calendar month", zone: "Europe/Paris", at: "2026-03-01T12:00:00Z", next: "2026-03-31T22:00:00Z"
            ),
            Case(window: "calendar 3 months", zone: "UTC", at: "2026-02-10T12:00:00Z", next: "2026-04-01T00:00:00Z"),
            Case(window: "calendar 12 months", zone: "UTC", at: "2026-02-10T12:00:00Z", next: "2027-01-01T00:00:00Z"),
        ])
    func bounds(_ test: Case) throws {
        let yaml = "in_flight: 1s\ncaps: [{ name: one, limit: 1, window: \(test.window), on_cap: hold }]"
        var world = try World(yaml, timezone: test.zone)
        let at = Self.instant(test.at)
        let next = Self.instant(test.next)
        #expect(world.contact(world.message(), at: at).isSend)
        let second = world.message()
        #expect(world.ask(second, at: at + .seconds(1)).verdict == .hold(until: next, .frequencyCapped))
        #expect(!world.ask(second, at: next - .milliseconds(1)).isSend)
        #expect(world.ask(second, at: next).isSend)
    }

    @Test("weeks begin on the day that the rule says")
    func weekStart() throws {
        let yaml =
            "in_flight: 1s\ncaps: [{ name: one, limit: 1, window: calendar week, week_starts: sunday, in: UTC, on_cap: hold }]"
        var world = try World(yaml)
        world.contact(world.message(), at: Self.instant("2026-03-04T12:00:00Z"))
        #expect(
            world.ask(world.message(), at: Self.instant("2026-03-05T12:00:00Z")).verdict
                == .hold(until: Self.instant("2026-03-08T00:00:00Z"), .frequencyCapped))
    }

    @Test("a rule's own zone, and the policy's default for people without one")
    func zones() throws {
        let at = Self.instant("2026-03-02T23:30:00Z")
        var paris = try World("in_flight: 1s\ncaps: [{ name: one, limit: 1, window: calendar day, in: Europe/Paris }]")
        paris.contact(paris.message(), at: at - .seconds(3_600))
        #expect(paris.ask(paris.message(), at: at).isSend)
        var nowhere = try World(
            "default_timezone: Asia/Tokyo\nin_flight: 1s\ncaps: [{ name: one, limit: 1, window: calendar day, on_cap: hold }]",
            timezone: nil)
        nowhere.contact(nowhere.message(), at: at)
        #expect(
            nowhere.ask(nowhere.message(), at: at).verdict
                == .hold(until: Self.instant("2026-03-03T15:00:00Z"), .frequencyCapped))
    }

    @Test("an attempt that may end after midnight must fit into both days")
    func bothEnds() throws {
        var world = try World("in_flight: 60s\ncaps: [{ name: daily, limit: 1, window: calendar day, in: UTC }]")
        let beforeMidnight = Self.instant("2026-03-02T23:59:30Z")
        world.contact(world.message(), at: Self.instant("2026-03-02T08:00:00Z"))
        // The present day is full.
        #expect(!world.ask(world.message(), at: beforeMidnight).isSend)
        world.ledger.removeAll()
        #expect(world.send(world.message(), at: beforeMidnight).isSend)
        // The open attempt may count on this day or the next, so both are full.
        #expect(!world.ask(world.message(), at: Self.instant("2026-03-02T23:59:59Z")).isSend)
        #expect(!world.ask(world.message(), at: Self.instant("2026-03-03T00:00:10Z")).isSend)
        // Recorded after midnight, the contact fills the new day.
        world.ledger[0].state = .committed
        world.ledger[0].committedAt = Self.instant("2026-03-03T00:00:05Z")
        #expect(!world.ask(world.message(), at: Self.instant("2026-03-03T12:00:00Z")).isSend)
        #expect(world.ask(world.message(), at: Self.instant("2026-03-04T00:00:00Z")).isSend)
    }
}
