import Testing

@testable import ZoneInfo

/// The expected values are those of Python 3.11's `zoneinfo` and GNU `date` for the same database.
@Suite struct ZoneTests {
    let catalogue = ZoneCatalogue.system

    struct Change: Sendable {
        var zone: String
        var at: Int64
        var before: Int
        var after: Int
    }

    @Test(
        "offsets change at the right second",
        arguments: [
            Change(zone: "Europe/Paris", at: 1_774_746_000, before: 3_600, after: 7_200),
            Change(zone: "Europe/Paris", at: 1_792_890_000, before: 7_200, after: 3_600),
            Change(zone: "Europe/Paris", at: 4_109_878_800, before: 3_600, after: 7_200),
            Change(zone: "Europe/Paris", at: 4_128_627_600, before: 7_200, after: 3_600),
            Change(zone: "America/New_York", at: 1_772_953_200, before: -18_000, after: -14_400),
            Change(zone: "America/New_York", at: 1_793_512_800, before: -14_400, after: -18_000),
            Change(zone: "America/Sao_Paulo", at: 1_518_919_200, before: -7_200, after: -10_800),
            Change(zone: "America/Sao_Paulo", at: 1_541_300_400, before: -10_800, after: -7_200),
            Change(zone: "Africa/Cairo", at: 1_776_981_600, before: 7_200, after: 10_800),
            Change(zone: "Africa/Cairo", at: 1_793_307_600, before: 10_800, after: 7_200),
            Change(zone: "Australia/Lord_Howe", at: 1_775_314_800, before: 39_600, after: 37_800),
            Change(zone: "Australia/Lord_Howe", at: 1_791_041_400, before: 37_800, after: 39_600),
            Change(zone: "Pacific/Apia", at: 1_325_239_200, before: -36_000, after: 50_400),
            Change(zone: "Europe/Dublin", at: 1_774_746_000, before: 0, after: 3_600),
            Change(zone: "Europe/Dublin", at: 1_792_890_000, before: 3_600, after: 0),
            Change(zone: "America/St_Johns", at: 1_289_097_060, before: -9_000, after: -12_600),
        ])
    func change(_ change: Change) throws {
        let zone = try catalogue.zone(named: change.zone)
        #expect(zone.offset(at: change.at - 1) == change.before)
        #expect(zone.offset(at: change.at) == change.after)
        #expect(zone.nextTransition(after: change.at - 1) == change.at)
        #expect(zone.nextTransition(after: change.at).map { $0 > change.at } ?? true)
    }

    @Test("a zone without a rule keeps its last offset forever")
    func noRule() throws {
        let zone = try catalogue.zone(named: "America/Sao_Paulo")
        #expect(zone.nextTransition(after: 1_774_746_000) == nil)
        #expect(zone.offset(at: 40_000_000_000) == -10_800)
    }

    @Test("the calendar repeats after 400 years in the far future")
    func farFuture() throws {
        let zone = try catalogue.zone(named: "Europe/Paris")
        for cycles: Int64 in [1, 2, 50] {
            let at = 1_774_746_000 + cycles * Zone.cycle
            #expect(zone.offset(at: at - 1) == 3_600)
            #expect(zone.offset(at: at) == 7_200)
            #expect(zone.nextTransition(after: at - 1) == at)
            #expect(zone.nextTransition(after: at) == 1_792_890_000 + cycles * Zone.cycle)
        }
    }

    @Test("before the first transition local mean time applies")
    func longAgo() throws {
        // 1850-01-01: Paris mean time, +0:09:21.
        #expect(try catalogue.zone(named: "Europe/Paris").offset(at: -3_786_825_600) == 561)
    }

    @Test("a skipped hour is a gap, and a repeated hour is an overlap")
    func parisNights() throws {
        let zone = try catalogue.zone(named: "Europe/Paris")
        let spring = try #require(CivilDate(year: 2026, month: 3, day: 29))
        #expect(zone.instants(of: CivilTime(spring, hour: 2, minute: 30)) == .gap(endsAt: 1_774_746_000))
        #expect(zone.instants(of: CivilTime(spring, hour: 3)) == .unique(1_774_746_000))
        #expect(zone.instants(of: CivilTime(spring, hour: 1, minute: 59)) == .unique(1_774_745_940))
        let autumn = try #require(CivilDate(year: 2026, month: 10, day: 25))
        #expect(
            zone.instants(of: CivilTime(autumn, hour: 2, minute: 30))
                == .overlap(first: 1_792_888_200, last: 1_792_891_800))
        #expect(zone.instants(of: CivilTime(autumn, hour: 3)) == .unique(1_792_893_600))
        #expect(zone.start(of: autumn + 1) - zone.start(of: autumn) == 25 * 3_600)
        #expect(zone.start(of: spring + 1) - zone.start(of: spring) == 23 * 3_600)
    }

    @Test("Lord Howe moves its clocks by half an hour")
    func lordHowe() throws {
        let zone = try catalogue.zone(named: "Australia/Lord_Howe")
        let spring = try #require(CivilDate(year: 2026, month: 10, day: 4))
        #expect(zone.instants(of: CivilTime(spring, hour: 2, minute: 15)) == .gap(endsAt: 1_791_041_400))
        #expect(zone.start(of: spring + 1) - zone.start(of: spring) == 23 * 3_600 + 1_800)
        let autumn = try #require(CivilDate(year: 2026, month: 4, day: 5))
        #expect(
            zone.instants(of: CivilTime(autumn, hour: 1, minute: 45))
                == .overlap(first: 1_775_313_900, last: 1_775_315_700))
    }

    @Test("if midnight does not exist, the day begins at the first instant after it")
    func noMidnight() throws {
        let saoPaulo = try catalogue.zone(named: "America/Sao_Paulo")
        let date = try #require(CivilDate(year: 2018, month: 11, day: 4))
        #expect(saoPaulo.start(of: date) == 1_541_300_400)
        #expect(saoPaulo.local(at: 1_541_300_400) == CivilTime(date, hour: 1))
        // Clocks go back at midnight: the last hour of the 17th is repeated, and the 18th begins once.
        let autumn = try #require(CivilDate(year: 2018, month: 2, day: 18))
        #expect(saoPaulo.start(of: autumn) == 1_518_919_200 + 3_600)
        let cairo = try catalogue.zone(named: "Africa/Cairo")
        let spring = try #require(CivilDate(year: 2026, month: 4, day: 24))
        #expect(cairo.start(of: spring) == 1_776_981_600)
        #expect(cairo.local(at: cairo.start(of: spring)).hour == 1)
    }

    @Test("Apia's 30 December 2011 has length zero")
    func skippedDay() throws {
        let zone = try catalogue.zone(named: "Pacific/Apia")
        let skipped = try #require(CivilDate("2011-12-30"))
        #expect(zone.start(of: skipped) == 1_325_239_200)
        #expect(zone.start(of: skipped + 1) == 1_325_239_200)
        #expect(zone.start(of: skipped - 1) == 1_325_239_200 - 86_400)
        #expect(zone.instants(of: CivilTime(skipped, hour: 12)) == .gap(endsAt: 1_325_239_200))
        #expect(zone.day(containing: 1_325_239_199) == skipped - 1)
        #expect(zone.day(containing: 1_325_239_200) == skipped + 1)
    }

    @Test("days never overlap when clocks go back across midnight")
    func clocksBackOverMidnight() throws {
        // St. John's, 7 November 2010: from 00:01 back to 23:01 of the 6th.
        let zone = try catalogue.zone(named: "America/St_Johns")
        let date = try #require(CivilDate(year: 2010, month: 11, day: 7))
        let first: Int64 = 1_289_097_060 - 60
        #expect(zone.start(of: date) == first)
        #expect(zone.local(at: first + 60).date == date - 1)
        #expect(zone.day(containing: first + 60) == date)
        #expect(zone.day(containing: first - 1) == date - 1)
    }

    @Test(
        "every instant belongs to exactly one day, and its wall time maps back to it",
        arguments: [
            "Europe/Paris", "America/New_York", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe",
            "Pacific/Apia", "America/St_Johns", "Europe/Dublin", "Africa/Casablanca", "America/Nuuk", "Asia/Gaza",
            "Asia/Kathmandu", "UTC",
        ])
    func consistency(_ name: String) throws {
        let zone = try catalogue.zone(named: name)
        var instant: Int64 = 1_262_304_000  // 2010
        while instant < 1_900_000_000 {
            let local = zone.local(at: instant)
            switch zone.instants(of: local) {
            case .unique(let back): #expect(back == instant)
            case .overlap(let first, let last): #expect(first == instant || last == instant || first < last)
            case .gap: Issue.record("\(name): \(local) was shown at \(instant)")
            }
            let day = zone.day(containing: instant)
            #expect(zone.start(of: day) <= instant && instant < zone.start(of: day + 1))
            instant += 40_009
        }
    }

    @Test("dates know their parts and weekdays")
    func dates() throws {
        let date = try #require(CivilDate(year: 2026, month: 11, day: 22))
        #expect(date.weekday == .sunday)
        #expect(date.description == "2026-11-22")
        #expect(CivilDate(daysSinceEpoch: 0).weekday == .thursday)
        #expect(CivilDate(daysSinceEpoch: -1).description == "1969-12-31")
        #expect(CivilDate(year: 2023, month: 2, day: 29) == nil)
        #expect(CivilDate("2024-02-29")?.daysSinceEpoch == 19_782)
        for text in ["2024-2-29", "2024-13-01", "x", "2024-02-30", "-024-02-03", "2024-02-03-"] {
            #expect(CivilDate(text) == nil, "\(text)")
        }
        for days in stride(from: -800_000, to: 800_000, by: 97) {
            let parts = CivilDate(daysSinceEpoch: days).parts
            #expect(CivilDate(year: parts.year, month: parts.month, day: parts.day)?.daysSinceEpoch == days)
        }
    }
}
