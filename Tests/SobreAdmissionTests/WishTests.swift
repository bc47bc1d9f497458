import JSON
import SobreAdmission
import SobreModel
import Testing

/// Recipients' own limits: fewer messages, or none for a while.
@Suite struct WishTests {
    let noon = World.noon
    static let yaml = """
        caps:
          - { name: week, applies_to: { category: marketing }, limit: 4, window: 7d, on_cap: hold }
          - { name: free, limit: 2, window: 1d, personal: replace }
        """

    /// How many of ten messages are sent.
    private func admitted(_ caps: RecipientCaps, priority: Priority = .normal, yaml: String = Self.yaml) throws -> Int {
        var world = try World(yaml)
        world.profile?.caps = caps
        return (0..<10).count { world.contact(world.message(priority: priority), at: noon + .seconds($0)).isSend }
    }

    @Test("a wish tightens a rule and never loosens it, unless the rule lets it")
    func limits() throws {
        let own = "caps: [{ name: week, limit: 4, window: 7d }]"
        #expect(try admitted(.none, yaml: own) == 4)
        #expect(try admitted(RecipientCaps(limits: [.init(rule: "week", limit: 2)]), yaml: own) == 2)
        #expect(try admitted(RecipientCaps(limits: [.init(rule: "week", limit: 0)]), yaml: own) == 0)
        #expect(try admitted(RecipientCaps(limits: [.init(rule: "week", limit: 9)]), yaml: own) == 4)
        #expect(try admitted(RecipientCaps(limits: [.init(rule: "other", limit: 0)]), yaml: own) == 4)
        #expect(try admitted(RecipientCaps(limits: [.init(rule: "free", limit: 3)])) == 3)
        #expect(try admitted(RecipientCaps(limits: [.init(rule: "free", limit: 9)])) == 4)
    }

    @Test("a share of every limit is rounded down, but fewer never comes to none", arguments: [1, 10, 49, 50, 75, 99])
    func percent(_ percent: Int) throws {
        for limit in 1...6 {
            let expected = max(1, limit * percent / 100)
            let yaml = "caps: [{ name: week, limit: \(limit), window: 7d }]"
            #expect(try admitted(RecipientCaps(percent: percent), yaml: yaml) == expected)
        }
        #expect(try admitted(RecipientCaps(percent: percent), yaml: "caps: [{ name: n, limit: 0, window: 7d }]") == 0)
    }

    @Test("whatever is wished, no more goes than without the wish", arguments: 0..<40)
    func onlyTightens(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 500)
        let yaml = """
            caps:
              - { name: a, limit: \(Int.random(in: 0...5, using: &random)), window: 60s }
              - { name: b, limit: \(Int.random(in: 1...5, using: &random)), window: 3m, on_cap: hold }
            """
        var plain = try World(yaml)
        var wishing = try World(yaml)
        wishing.profile?.caps = RecipientCaps(
            limits: ["a", "b"].map { .init(rule: $0, limit: Int.random(in: 0...7, using: &random)) },
            percent: Int.random(in: 1...100, using: &random))
        var counts = (plain: 0, wishing: 0)
        var now = noon
        for _ in 0..<100 {
            now = now + .seconds(Int64.random(in: 0...20, using: &random))
            let message = plain.message()
            if plain.contact(message, at: now).isSend { counts.plain += 1 }
            if wishing.contact(message, at: now).isSend { counts.wishing += 1 }
            // At no time does the recipient with a personal limit get more than the one without.
            #expect(counts.wishing <= counts.plain)
        }
    }

    @Test("a pause holds until its end, and through quiet hours and caps that come then")
    func pause() throws {
        var world = try World(
            Self.yaml + "\nquiet_hours: [{ name: q, hours: [{ from: \"08:00\", to: \"09:30\" }], spread: 0s }]")
        let end = Instant(rfc3339: "2026-03-05T08:00:00Z")!
        let open = Instant(rfc3339: "2026-03-05T09:30:00Z")!
        world.profile?.caps = RecipientCaps(pauses: [.init(until: end), .init(until: noon - .seconds(1))])
        let message = world.message()
        let decision = world.ask(message)
        #expect(decision.verdict == .hold(until: open, .paused))
        #expect(decision.summary == "the person asked for a pause until 2026-03-05T08:00:00Z")
        #expect(decision.text.contains(#"{"step":"pause","passes":false,"until":"2026-03-05T08:00:00Z"}"#))
        #expect(!world.ask(message, at: end - .milliseconds(1)).isSend)
        #expect(world.ask(message, at: open).isSend)
        // The pause is too long for the message, so it is dropped now, with the reason.
        let short = world.ask(world.message(expiresAt: end))
        #expect(short.verdict == .drop(.paused))
        #expect(short.summary.contains("after the message expires"))
    }

    @Test("a pause covers its category and its channel; another channel takes the message")
    func pausedChannel() throws {
        var world = try World("categories: { news: { consent: none } }")
        let end = noon + .seconds(3_600)
        world.profile?.caps = RecipientCaps(pauses: [.init(until: end, category: "news", channel: .email)])
        #expect(world.ask(world.message()).isSend)
        #expect(world.ask(world.message("news", channels: [.email])).verdict == .hold(until: end, .paused))
        #expect(world.ask(world.message("news", channels: [.email, .push])).verdict == .reroute(.push))
        #expect(world.ask(world.message("transactional")).isSend)
        world.profile?.caps.pauses.append(.init(until: end, category: "transactional"))
        // A category that does not obey caps is not paused.
        #expect(world.ask(world.message("transactional")).isSend)
    }

    @Test("the trace says which limit is the person's and which the policy's")
    func explained() throws {
        var world = try World("caps: [{ name: week, limit: 4, window: 7d, reserve: { priority: high, slots: 1 } }]")
        world.profile?.caps = RecipientCaps(percent: 50)
        world.contact(world.message(), at: noon)
        let decision = world.ask(world.message())
        #expect(decision.summary.hasPrefix("week 1/1"))
        let root = try JSONDocument.parse(try #require(decision.explanation)).root
        let steps = try #require(root["channels"]?[0]?["steps"])
        let rule = try #require(steps.elements.first { $0["step"]?.string == "caps" }?["rules"]?[0])
        #expect(rule["limit"]?.int == 1)
        #expect(rule["policy_limit"]?.int == 4)
        #expect(rule["reserved"]?.int == 1)
    }
}
