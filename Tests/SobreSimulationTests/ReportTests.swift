import JSON
import SobreAdmission
import SobreModel
import Testing

@testable import SobreSimulation

@Suite("What a simulation reports") struct ReportTests {
    private func report(_ world: World, _ before: String?, _ after: String) throws -> SimulationReport {
        let replay = Replay(world.sealed(), population: world.population)
        return SimulationReport(
            replay,
            before: (.init(name: "old"), replay.run(under: try before.map { try Policy.parse(text: $0) })),
            after: (.init(name: "new", version: 3), replay.run(under: try Policy.parse(text: after))))
    }

    /// Three recipients: `ann` and `bob` get one message a day for a week, `cho` gets one on Monday.
    private func world() throws -> World {
        var world = World()
        for day in 0..<6 {
            for name in ["ann", "bob"] { try world.ask(name, at: World.noon + .seconds(Int64(day) * 86_400)) }
        }
        try world.ask("cho", at: World.noon)
        return world
    }

    @Test func `contacts are counted by person and week that begins on Monday`() throws {
        var world = try world()
        // The seventh day, Sunday, belongs to the week of that Monday. The next midnight does not.
        try world.ask("cho", at: try #require(Instant(rfc3339: "2026-03-08T23:59:59Z")))
        try world.ask("cho", at: try #require(Instant(rfc3339: "2026-03-09T00:00:00Z")))
        let weekly = try world.tally("{}").weekly
        // One week with one message (cho's second), one with two (cho's first), two with six.
        #expect(weekly.weeks == [0, 1, 1, 0, 0, 0, 2])
        #expect(weekly.highest == 6)
    }

    @Test func `it says who gets less, who others and who the same later`() throws {
        let fewer = try report(world(), nil, "caps: [{ name: c, limit: 2, window: 30d }]").people
        #expect(fewer.fewer == 2 && fewer.changed == 2)
        #expect(fewer.most.map(\.id) == ["ann", "bob"])
        #expect(fewer.most.map(\.sentBefore) == [6, 6] && fewer.most.map(\.sentAfter) == [2, 2])
        #expect(fewer.most.map(\.weekBefore) == [6, 6] && fewer.most.map(\.weekAfter) == [2, 2])
        let later = try report(world(), nil, "caps: [{ name: c, limit: 2, window: 7d, on_cap: hold }]").people
        #expect(later.onlyTimes == 2 && later.changed == 2 && later.most.isEmpty)
        let same = try report(world(), "{}", "caps: [{ name: c, limit: 9, window: 7d }]").people
        #expect(same.changed == 0)
        let more = try report(world(), "caps: [{ name: c, limit: 0, window: 7d }]", "{}").people
        #expect(more.more == 3)
    }

    @Test func `as many but others are seen as others`() throws {
        var world = World()
        try world.ask(at: World.noon, campaign: "a", tags: ["x"])
        try world.ask(at: World.noon + World.day, campaign: "b", tags: ["y"])
        let people = try report(
            world, "caps: [{ name: c, applies_to: { tags: [x] }, limit: 0, window: 1d }]",
            "caps: [{ name: c, applies_to: { tags: [y] }, limit: 0, window: 1d }]"
        ).people
        #expect(people.others == 1 && people.changed == 1)
    }

    @Test func `rules are told with what they held, what of it went later, and what they dropped`() throws {
        let after = """
            categories: { marketing: { consent: none, expires_after: 3d } }
            caps: [{ name: weekly, limit: 2, window: 7d, on_cap: hold }]
            """
        var world = World()
        for day in 0..<10 { try world.ask(at: World.noon + .seconds(Int64(day) * 86_400)) }
        let report = try report(world, "{}", after)
        #expect(report.before.rules.isEmpty)
        #expect(
            report.after.rules
                == [Tally.RuleRow(name: "weekly", kind: "cap", held: 3, sentAfterHold: 2, dropped: 6)])
    }

    @Test func `two runs give the same bytes`() throws {
        var random = Seeded(state: 11)
        var world = World()
        for _ in 0..<3_000 {
            try world.ask(
                "p\(Int.random(in: 0..<60, using: &random))",
                at: World.noon + .seconds(.random(in: 0..<60 * 86_400, using: &random)),
                campaign: "c\(Int.random(in: 0..<9, using: &random))",
                channels: Channel.allCases.shuffled(using: &random))
        }
        let text = """
            caps:
              - { name: a, limit: 3, window: 7d, on_cap: hold }
              - { name: b, applies_to: { channel: sms }, limit: 1, window: 7d, on_cap: next_channel }
              - { name: c, limit: 2, window: 30d, per: recipient+campaign }
            """
        let first = try report(world, nil, text).json()
        let second = try report(world, nil, text).json()
        #expect(first == second)
        let root = try JSONDocument.parse(first).root
        #expect(root["requests"]?["counted"]?.int == 3_000)
        #expect(root["after"]?["policy"]?["version"]?.int == 3)
        let total = try #require(root["after"]?["total"])
        let parts = ["sent", "dropped", "expired", "waiting"].compactMap { total[$0]?.int }
        #expect(parts.count == 4 && parts.reduce(0, +) == total["requested"]?.int)
    }
}
