import JSON
import SobreAdmission
import SobreModel
import Testing

@Suite struct ExplanationTests {
    static let yaml = """
        quiet_hours: [{ name: nights, applies_to: { channel: sms }, hours: [{ from: "00:00", to: "23:00" }], spread: 0s }]
        caps:
          - { name: per-week, applies_to: { category: marketing }, limit: 2, window: 7d, on_cap: hold }
          - { name: per-campaign, limit: 9, window: calendar month, per: recipient+campaign }
        """

    @Test("a capped message names the rule, its window, the very contacts that fill it and the next slot")
    func capped() throws {
        var world = try World(Self.yaml, timezone: "UTC")
        let first = world.message(campaign: "a")
        let second = world.message(campaign: "spring")
        world.contact(first, at: World.noon - .seconds(86_400))
        world.contact(second, at: World.noon - .seconds(60))
        let decision = world.ask(world.message())
        let root = try JSONDocument.parse(try #require(decision.explanation)).root
        #expect(root["verdict"]?.string == "hold")
        #expect(root["reason"]?.string == "frequency_capped")
        #expect(root["until"]?.string == "2026-03-08T12:00:00Z")
        #expect(root["policy_version"]?.int == 7)
        let caps = try #require(root["channels"]?[0]?["steps"]?.elements.first { $0["step"]?.string == "caps" })
        let rule = try #require(caps["rules"]?[0])
        #expect(rule["rule"]?.string == "per-week")
        #expect(rule["count"]?.int == 2 && rule["limit"]?.int == 2)
        #expect(rule["window"]?.string == "7d rolling")
        #expect(rule["filled_by"]?[0]?["delivery"]?.string == second.id.delivery(0).description)
        #expect(rule["filled_by"]?[0]?["campaign"]?.string == "spring")
        #expect(rule["filled_by"]?[1]?["delivery"]?.string == first.id.delivery(0).description)
        #expect(caps["rules"]?[1]?["passes"]?.bool == true)
        #expect(caps["rules"]?[1]?["count"]?.int == 1)
    }

    @Test("steps after the one that decided are told, too: it would also have been")
    func alsoWouldHaveBeen() throws {
        var world = try World(Self.yaml, timezone: "UTC")
        world.contact(world.message(), at: World.noon)
        world.contact(world.message(), at: World.noon)
        world.profile?.consents = []
        let decision = world.ask(world.message(channels: [.sms]))
        #expect(decision.verdict == .drop(.noConsent))
        let root = try JSONDocument.parse(try #require(decision.explanation)).root
        let failed = root["channels"]?[0]?["steps"]?.elements.filter { $0["passes"]?.bool == false }
            .compactMap { $0["step"]?.string }
        #expect(failed == ["consent", "quiet_hours", "caps"])
    }

    @Test("a message that goes has no explanation unless it is asked for")
    func onDemand() throws {
        var world = try World(Self.yaml)
        #expect(world.ask(world.message()).explanation == nil)
        #expect(world.ask(world.message(), explaining: .always).text.hasPrefix(#"{"verdict":"send","channel":"email""#))
        world.isCancelled = true
        #expect(world.ask(world.message(), explaining: .never).explanation == nil)
        #expect(world.ask(world.message()).text.contains(#""reason":"cancelled""#))
        world.isCancelled = false
        world.profile = nil
        #expect(world.ask(world.message()).text.contains(#""reason":"unknown_recipient""#))
    }

    @Test("the lines for people fit a terminal and tell verdict, rule and contacts")
    func lines() throws {
        var world = try World(Self.yaml, timezone: "UTC")
        world.contact(world.message(campaign: "a"), at: World.noon - .seconds(86_400))
        world.contact(world.message(campaign: "spring"), at: World.noon - .seconds(60))
        let decision = world.ask(world.message(channels: [.email, .sms]))
        let lines = Explanation.render(json: try #require(decision.explanation))
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(lines[0] == "hold: frequency capped until 2026-03-08 12:00:00 UTC")
        #expect(!lines.contains { $0.contains("T12:00:00Z") })
        #expect(lines.contains { $0.contains("✗ per-week 2/2, 7d rolling, per recipient") })
        #expect(lines.contains { $0.hasPrefix("      ") && $0.hasSuffix("email  spring") })
        #expect(lines.contains("sms"))
    }

    @Test("channels of which the same is to be said share a block")
    func sharedBlocks() throws {
        var world = try World("")
        world.profile?.consents = []
        world.profile?.addresses.removeAll { $0.channel == .push }
        let decision = world.ask(world.message(channels: [.email, .push, .sms]))
        let lines = Explanation.render(json: try #require(decision.explanation))
        #expect(lines.filter { !$0.hasPrefix(" ") }.dropFirst() == ["email, sms", "push"])
    }

    @Test(
        "instants in a text are told in one way",
        arguments: [
            ("r 5/5, next slot 2026-03-08T12:00:00Z", "r 5/5, next slot 2026-03-08 12:00:00 UTC"),
            ("free at 2026-03-08T12:00:00.123Z, after", "free at 2026-03-08 12:00:00 UTC, after"),
            ("since 2026-03-08T12:00:00Z.", "since 2026-03-08 12:00:00 UTC."), ("Zoe 2026-03-08 Z", "Zoe 2026-03-08 Z"),
            ("", ""),
        ])
    func readable(_ text: String, _ shown: String) { #expect(Explanation.readable(text) == shown) }

    @Test("what is no explanation is said to be none", arguments: ["", "{}", "[]", "{\"verdict\":1}"])
    func noExplanation(_ text: String) {
        #expect(Explanation.render(json: Array(text.utf8)) == ["The explanation of this decision cannot be read."])
    }
}
