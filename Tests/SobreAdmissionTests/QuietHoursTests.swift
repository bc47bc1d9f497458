import SobreAdmission
import SobreModel
import Testing

@Suite struct QuietHoursTests {
    static func instant(_ text: String) -> Instant { Instant(rfc3339: text)! }
    static let nights = """
        quiet_hours:
          - name: nights
            applies_to: { category: marketing }
            hours: [{ from: "21:00", to: "08:00" }]
            spread: 0s
        """

    struct Night: Sendable {
        var zone: String
        var hours: String
        var at: String
        /// Nil when it is not quiet.
        var end: String?
    }

    @Test(
        "quiet hours go by the clock on the recipient's wall, through every change of it",
        arguments: [
            Night(zone: "Europe/Paris", hours: #"from: "21:00", to: "08:00""#, at: "2026-03-02T19:59:59Z", end: nil),
            Night(
                zone: "Europe/Paris", hours: #"from: "21:00", to: "08:00""#, at: "2026-03-02T20:00:00Z",
                end: "2026-03-03T07:00:00Z"),
            Night(
                zone: "Europe/Paris", hours: #"from: "21:00", to: "08:00""#, at: "2026-03-03T06:59:59Z",
                end: "2026-03-03T07:00:00Z"),
            // The short and the long night of 2026.
            Night(
                zone: "Europe/Paris", hours: #"from: "21:00", to: "08:00""#, at: "2026-03-28T20:00:00Z",
                end: "2026-03-29T06:00:00Z"),
            Night(
                zone: "Europe/Paris", hours: #"from: "21:00", to: "08:00""#, at: "2026-10-24T19:00:00Z",
                end: "2026-10-25T07:00:00Z"),
            // An end within the skipped hour is the instant of the jump. An end within the repeated hour occurs twice.
            Night(
                zone: "Europe/Paris", hours: #"from: "21:00", to: "02:30""#, at: "2026-03-28T23:00:00Z",
                end: "2026-03-29T01:00:00Z"),
            Night(
                zone: "Europe/Paris", hours: #"from: "21:00", to: "02:30""#, at: "2026-10-24T23:00:00Z",
                end: "2026-10-25T00:30:00Z"),
            Night(
                zone: "Europe/Paris", hours: #"from: "21:00", to: "02:30""#, at: "2026-10-25T01:10:00Z",
                end: "2026-10-25T01:30:00Z"),
            // The clocks go back at the end of the quiet interval.
            Night(
                zone: "Europe/Paris", hours: #"from: "02:30", to: "05:00""#, at: "2026-10-25T00:45:00Z",
                end: "2026-10-25T01:00:00Z"),
            Night(
                zone: "America/New_York", hours: #"from: "21:00", to: "08:00""#, at: "2026-03-08T02:00:00Z",
                end: "2026-03-08T12:00:00Z"),
            Night(
                zone: "America/New_York", hours: #"from: "21:00", to: "08:00""#, at: "2026-11-01T01:00:00Z",
                end: "2026-11-01T13:00:00Z"),
            Night(
                zone: "America/Sao_Paulo", hours: #"from: "21:00", to: "00:30""#, at: "2018-11-04T00:00:00Z",
                end: "2018-11-04T03:00:00Z"),
            Night(
                zone: "America/Sao_Paulo", hours: #"from: "21:00", to: "08:00""#, at: "2018-02-18T00:00:00Z",
                end: "2018-02-18T11:00:00Z"),
            Night(
                zone: "Africa/Cairo", hours: #"from: "22:00", to: "00:00""#, at: "2026-04-23T21:30:00Z",
                end: "2026-04-23T22:00:00Z"),
            Night(
                zone: "Africa/Cairo", hours: #"from: "21:00", to: "08:00""#, at: "2026-10-29T20:00:00Z",
                end: "2026-10-30T06:00:00Z"),
            Night(
                zone: "Australia/Lord_Howe", hours: #"from: "21:00", to: "02:15""#, at: "2026-10-03T14:00:00Z",
                end: "2026-10-03T15:30:00Z"),
            Night(
                zone: "Australia/Lord_Howe", hours: #"from: "21:00", to: "08:00""#, at: "2026-04-04T12:00:00Z",
                end: "2026-04-04T21:30:00Z"),
            // A night across a skipped day.
            Night(
                zone: "Pacific/Apia", hours: #"from: "21:00", to: "08:00""#, at: "2011-12-30T08:00:00Z",
                end: "2011-12-30T18:00:00Z"),
        ])
    func nights(_ night: Night) throws {
        var world = try World(
            "quiet_hours: [{ name: q, hours: [{ \(night.hours) }], spread: 0s }]", timezone: night.zone)
        let message = world.message()
        let at = Self.instant(night.at)
        guard let end = night.end.map(Self.instant) else {
            #expect(world.ask(message, at: at).isSend)
            return
        }
        #expect(world.ask(message, at: at).verdict == .hold(until: end, .quietHours))
        #expect(!world.ask(message, at: end - .milliseconds(1)).isSend)
        #expect(world.ask(message, at: end).isSend)
    }

    @Test("intervals belong to days of the week and run across midnight and the end of the week")
    func weekly() throws {
        var world = try World(
            """
            quiet_hours:
              - name: q
                hours:
                  - { days: weekdays, from: "22:00", to: "07:00" }
                  - { days: [sat, sunday], from: "20:00", to: "10:00" }
                spread: 0s
            """, timezone: "UTC")
        let message = world.message()
        // Quiet from Sunday evening to Monday 10:00, and from Monday evening to 07:00. Open on Saturday at noon.
        #expect(
            world.ask(message, at: Self.instant("2026-03-01T20:30:00Z")).verdict
                == .hold(until: Self.instant("2026-03-02T10:00:00Z"), .quietHours))
        #expect(
            world.ask(message, at: Self.instant("2026-03-02T22:30:00Z")).verdict
                == .hold(until: Self.instant("2026-03-03T07:00:00Z"), .quietHours))
        #expect(world.ask(message, at: Self.instant("2026-03-07T12:00:00Z")).isSend)
        #expect(world.ask(message, at: Self.instant("2026-03-06T21:59:59Z")).isSend)
    }

    @Test("a dated exception replaces the hours of its date")
    func exceptions() throws {
        var world = try World(
            Self.nights + """

                    except:
                      - { date: 2026-12-25, hours: all }
                      - { date: 2026-12-31, hours: none }
                      - { date: 2026-12-26, hours: [{ from: "00:00", to: "12:00" }] }
                """, timezone: "UTC")
        let message = world.message()
        #expect(
            world.ask(message, at: Self.instant("2026-12-24T22:00:00Z")).verdict
                == .hold(until: Self.instant("2026-12-26T12:00:00Z"), .quietHours))
        #expect(world.ask(message, at: Self.instant("2026-12-31T23:00:00Z")).isSend)
        #expect(world.ask(message, at: Self.instant("2026-12-31T03:00:00Z")).isSend)
    }

    @Test("without a zone it is quiet wherever the person may be")
    func plausibleZones() throws {
        var world = try World(Self.nights, timezone: nil, country: "US")
        let message = world.message()
        // 20:00 in New York, 14:00 in Honolulu.
        #expect(world.ask(message, at: Self.instant("2026-07-02T00:00:00Z")).isSend)
        // 21:00 in New York. The Aleutians and Honolulu open last: 08:00 there is 18:00 UTC.
        #expect(
            world.ask(message, at: Self.instant("2026-07-02T01:00:00Z")).verdict
                == .hold(until: Self.instant("2026-07-02T18:00:00Z"), .quietHours))
        world.profile?.country = nil
        // The number is British: 22:00 UTC is 23:00 in London.
        #expect(
            world.ask(message, at: Self.instant("2026-07-02T22:00:00Z")).verdict
                == .hold(until: Self.instant("2026-07-03T07:00:00Z"), .quietHours))
        world.profile?.addresses.removeAll { $0.channel.addressKind == .phoneNumber }
        #expect(
            world.ask(message, at: Self.instant("2026-07-02T22:00:00Z")).verdict
                == .hold(until: Self.instant("2026-07-03T08:00:00Z"), .quietHours))
    }

    @Test("a zone that nobody knows is treated as none, never as open")
    func unknownZone() throws {
        var world = try World(Self.nights, timezone: "Mars/Olympus", country: "FR")
        let decision = world.ask(world.message(), at: Self.instant("2026-03-02T20:30:00Z"))
        #expect(decision.verdict == .hold(until: Self.instant("2026-03-03T07:00:00Z"), .quietHours))
        #expect(decision.text.contains(#""zone_from":"country""#))
    }

    @Test("releases are spread within the setting, each delivery always at the same instant")
    func spread() throws {
        var world = try World(Self.nights.replacing("0s", with: "30m"), timezone: "UTC")
        let at = Self.instant("2026-03-02T22:00:00Z")
        let end = Self.instant("2026-03-03T08:00:00Z")
        var releases: Set<Instant> = []
        for _ in 0..<200 {
            let message = world.message()
            guard case .hold(let until, .quietHours) = world.ask(message, at: at).verdict else {
                Issue.record("not held")
                continue
            }
            #expect(until >= end && until <= end + .seconds(1_800))
            #expect(world.ask(message, at: at + .seconds(77)).verdict == .hold(until: until, .quietHours))
            #expect(world.ask(message, at: until).isSend)
            releases.insert(until)
        }
        #expect(releases.count > 150)
    }

    @Test("quiet hours only hold what they are about")
    func selector() throws {
        var world = try World(
            #"quiet_hours: [{ name: q, applies_to: { category: marketing, channel: [sms] }, hours: [{ from: "00:00", to: "24:00" }] }]"#
        )
        #expect(world.ask(world.message()).isSend)
        #expect(world.ask(world.message("transactional", channels: [.sms])).isSend)
        // Always quiet: held until the rule changes or the message expires.
        let always = world.ask(world.message(channels: [.sms]))
        #expect(always.verdict == .hold(until: World.noon + .seconds(30), .quietHours))
        #expect(always.isEndless)
    }

    @Test("on_hit: drop drops, next_channel goes on, and back to holding when no channel is open")
    func actions() throws {
        let night = Self.instant("2026-03-02T23:00:00Z")
        let morning = Self.instant("2026-03-03T08:00:00Z")
        var world = try World(Self.nights + "\n    on_hit: drop", timezone: "UTC")
        #expect(world.ask(world.message(), at: night).verdict == .drop(.quietHours))
        world.policy = try Policy.parse(
            text: Self.nights.replacing("category: marketing", with: "channel: [push, sms]")
                + "\n    on_hit: next_channel")
        #expect(world.ask(world.message(channels: [.push, .sms, .email]), at: night).verdict == .reroute(.email))
        #expect(
            world.ask(world.message(channels: [.push, .sms]), at: night).verdict == .hold(until: morning, .quietHours))
        world.policy = try Policy.parse(
            text: Self.nights.replacing("category: marketing", with: "channel: push") + "\n    on_hit: hold")
        #expect(
            world.ask(world.message(channels: [.push, .email]), at: night).verdict == .hold(until: morning, .quietHours)
        )
    }

    @Test("a hold out of quiet hours waits for a holding cap, too, and never ends in quiet hours again")
    func fixedPoint() throws {
        var world = try World(
            Self.nights + "\ncaps: [{ name: two-days, limit: 1, window: 46h, on_cap: hold }]", timezone: "UTC")
        let first = Self.instant("2026-03-02T23:30:00Z")
        world.contact(world.message("transactional"), at: first)
        world.ledger[0].traits.countsTowardCaps = true
        // The cap is free on the 4th at 21:30, which is in quiet hours, so the message waits until the 5th at 08:00.
        let free = Self.instant("2026-03-05T08:00:00Z")
        let message = world.message()
        #expect(world.ask(message, at: first + .seconds(60)).verdict == .hold(until: free, .quietHours))
        #expect(world.ask(message, at: first + .seconds(12 * 3_600)).verdict == .hold(until: free, .frequencyCapped))
        #expect(world.ask(message, at: free).isSend)
        // A cap that drops is checked only when the message is due.
        world.policy = try Policy.parse(text: Self.nights + "\ncaps: [{ name: two-days, limit: 1, window: 46h }]")
        #expect(
            world.ask(message, at: first + .seconds(60)).verdict
                == .hold(until: Self.instant("2026-03-03T08:00:00Z"), .quietHours))
    }

    @Test("what would wake after it expires is dropped, with the reason")
    func expiry() throws {
        var world = try World(Self.nights, timezone: "UTC")
        let night = Self.instant("2026-03-02T23:00:00Z")
        #expect(world.ask(world.message(expiresAt: night + .seconds(3_600)), at: night).verdict == .drop(.quietHours))
        #expect(world.ask(world.message(expiresAt: night), at: night).verdict == .expire)
    }
}
