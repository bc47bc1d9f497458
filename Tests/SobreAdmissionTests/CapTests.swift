import SobreAdmission
import SobreModel
import Testing

@Suite struct CapTests {
    static let perDay = """
        caps:
          - { name: per-day, limit: 2, window: 1d, on_cap: hold }
        """
    let noon = World.noon

    @Test("a rolling cap admits its limit and holds the next until the oldest has aged out, to the millisecond")
    func rollingHold() throws {
        var world = try World(Self.perDay)
        let first = noon - .seconds(3_600)
        world.contact(world.message(campaign: "a"), at: first)
        world.contact(world.message(campaign: "b"), at: noon)
        let third = world.message(campaign: "c")
        let free = first + .seconds(86_400)
        #expect(world.ask(third).verdict == .hold(until: free, .frequencyCapped))
        #expect(world.ask(third).summary == "per-day 2/2, next slot \(free)")
        #expect(world.ask(third).decidedBy == DecidingRule(step: "caps", rule: "per-day"))
        #expect(world.ask(third, at: free).decidedBy == nil)
        #expect(!world.ask(third, at: free - .milliseconds(1)).isSend)
        #expect(world.ask(third, at: free).isSend)
    }

    @Test("the window is counted from the recorded outcome, not from the reservation")
    func countedFromRecord() throws {
        var world = try World(Self.perDay)
        world.send(world.message(), at: noon - .seconds(7_200), committedAt: noon - .seconds(60))
        world.send(world.message(), at: noon - .seconds(7_200), committedAt: noon - .seconds(30))
        let late = world.message()
        #expect(!world.ask(late, at: noon + .seconds(86_400 - 61)).isSend)
        #expect(world.ask(late, at: noon + .seconds(86_400 - 60)).isSend)
    }

    @Test("an open attempt counts however old it is, and what only it blocks is looked at again soon")
    func openCounts() throws {
        var world = try World("caps: [{ name: one, limit: 1, window: 1h }]")
        world.send(world.message(), at: noon - .seconds(20))
        let decision = world.ask(world.message())
        // Held for as long again as the attempt has been open, although the rule drops, because the attempt may be
        // proven unsent.
        #expect(decision.verdict == .hold(until: noon + .seconds(20), .frequencyCapped))
        #expect(decision.summary == "one 1/1, 1 in flight")
        #expect(world.ask(world.message(), at: noon + .seconds(30 * 86_400)).isSend == false)
        world.ledger[0].state = .released
        #expect(world.ask(world.message()).isSend)
        world.ledger[0].state = .committed
        world.ledger[0].committedAt = noon
        #expect(world.ask(world.message()).verdict == .drop(.frequencyCapped))
    }

    @Test("a contact whose time cannot be read counts for ever")
    func unreadableTime() throws {
        var world = try World("caps: [{ name: one, limit: 1, window: 1h }]\ndedup: [{ name: d, window: 1h }]")
        world.contact(world.message(), at: noon)
        world.ledger[0].committedAt = nil
        #expect(!world.ask(world.message(campaign: "other"), at: noon + .seconds(86_400)).isSend)
        #expect(world.ask(world.message(), at: noon + .seconds(86_400)).verdict == .drop(.duplicate))
    }

    @Test("two messages in the same millisecond: one is sent, the other waits and is then dropped")
    func sameMillisecond() throws {
        var world = try World("caps: [{ name: daily, limit: 1, window: 1d }]")
        #expect(world.send(world.message(campaign: "a")).isSend)
        let second = world.message(campaign: "b")
        #expect(world.ask(second).verdict == .hold(until: noon + .milliseconds(500), .frequencyCapped))
        world.ledger[0].state = .committed
        world.ledger[0].committedAt = noon + .milliseconds(90)
        #expect(world.ask(second, at: noon + .milliseconds(500)).verdict == .drop(.frequencyCapped))
    }

    @Test("150 tagged messages against a tag cap of 2: exactly 2, also by nested tags")
    func tags() throws {
        var world = try World(
            "caps: [{ name: promo, applies_to: { tags: promo }, limit: 2, window: 7d, on_cap: drop }]")
        var sent = 0
        for index in 0..<150 {
            let message = world.message(
                campaign: "c\(index)", tags: [index.isMultiple(of: 2) ? "promo/summer" : "promo"])
            if world.contact(message, at: noon + .seconds(Int64(index))).isSend { sent += 1 }
        }
        #expect(sent == 2)
        #expect(world.ask(world.message(tags: ["promotion"]), at: noon + .seconds(200)).isSend)
    }

    @Test(
        "selectors of every kind restrain only what they name",
        arguments: [
            ("campaign: spring", true), ("campaign: [autumn]", false), ("template: [offer, other]", true),
            ("template: other", false), ("topic: shoes", true), ("topic: hats", false), ("channel: [email, sms]", true),
            ("channel: push", false), ("category: marketing", true), ("category: transactional", false),
            ("tags: { all: [a, b/c] }", true), ("tags: { all: [a, x] }", false), ("tags: { none: [a] }", false),
            ("tags: { any: [x, b], none: [y] }", true), ("channel: email, category: marketing, tags: [b]", true),
        ])
    func selectors(_ selector: String, _ restrains: Bool) throws {
        let world = try World("caps: [{ name: never, applies_to: { \(selector) }, limit: 0, window: 1d }]")
        var copy = world
        let message = copy.message(tags: ["a", "b/c"], topic: "shoes")
        let decision = world.ask(message)
        #expect(decision.verdict == (restrains ? .drop(.frequencyCapped) : decision.verdict))
        #expect(decision.isSend == !restrains)
    }

    @Test(
        "limit 0 means never: a rule that drops drops, one that holds holds",
        arguments: ["drop", "hold", "next_channel"])
    func zero(_ action: String) throws {
        var world = try World("caps: [{ name: never, limit: 0, window: 1d, on_cap: \(action) }]")
        let decision = world.ask(world.message(channels: [.email, .sms]))
        #expect(
            decision.verdict
                == (action == "drop"
                    ? .drop(.frequencyCapped) : .hold(until: noon + .seconds(30), .frequencyCapped)))
        #expect(decision.isEndless == (action != "drop"))
    }

    @Test("an absent rule is no cap")
    func absent() throws {
        var world = try World("")
        for index in 0..<50 {
            #expect(world.contact(world.message(), at: noon + .milliseconds(Int64(index))).isSend)
        }
    }

    @Test("transactional messages neither obey nor fill caps unless the policy says so")
    func flags() throws {
        var world = try World(Self.perDay)
        for _ in 0..<5 { #expect(world.contact(world.message("transactional"), at: noon).isSend) }
        #expect(world.ask(world.message()).isSend)
        var strict = try World(
            Self.perDay + "\ncategories: { transactional: { counts_toward_caps: true } }")
        for _ in 0..<5 { #expect(strict.contact(strict.message("transactional"), at: noon).isSend) }
        #expect(!strict.ask(strict.message()).isSend)
        #expect(strict.ask(strict.message("transactional"), explaining: .always).text.contains("does not obey caps"))
    }

    @Test("what fills a rule may differ from what it restrains")
    func counts() throws {
        var world = try World(
            """
            categories: { newsletter: { consent: none } }
            caps:
              - name: no-marketing-after-newsletter
                applies_to: { category: marketing }
                counts: { category: newsletter }
                limit: 1
                window: 1d
            """)
        world.contact(world.message("newsletter"), at: noon)
        world.contact(world.message("newsletter"), at: noon)
        #expect(world.ask(world.message("newsletter")).isSend)
        #expect(world.ask(world.message("marketing")).verdict == .drop(.frequencyCapped))
    }

    @Test("a rule per channel counts each channel, a rule over all pools them")
    func perChannel() throws {
        var each = try World("caps: [{ name: each, limit: 1, window: 1d, per: recipient+channel }]")
        #expect(each.contact(each.message(), at: noon).isSend)
        #expect(!each.ask(each.message()).isSend)
        #expect(each.ask(each.message(channels: [.sms])).isSend)
        var pooled = try World("caps: [{ name: pooled, limit: 1, window: 1d }]")
        #expect(pooled.contact(pooled.message(), at: noon).isSend)
        #expect(!pooled.ask(pooled.message(channels: [.sms])).isSend)
    }

    @Test(
        "`per` counts together only what shares what it names",
        arguments: ["campaign", "template", "topic", "category", "recipient+campaign+template"])
    func per(_ scope: String) throws {
        var world = try World(
            """
            categories: { newsletter: { consent: none } }
            caps: [{ name: each, limit: 1, window: 1d, per: \(scope) }]
            """)
        world.contact(world.message(campaign: "a", template: "x", topic: "t"), at: noon)
        #expect(!world.ask(world.message(campaign: "a", template: "x", topic: "t")).isSend)
        #expect(world.ask(world.message("newsletter", campaign: "b", template: "y", topic: "u")).isSend)
    }

    @Test("two profiles with one mailbox are one person")
    func sharedMailbox() throws {
        var world = try World("caps: [{ name: one, limit: 1, window: 1d }]")
        world.contact(world.message(), at: noon)
        world.ledger[0].recipient = .recipient("bob")
        #expect(!world.ask(world.message()).isSend)
    }

    @Test("`per: address` leaves other addresses alone")
    func perAddress() throws {
        var world = try World("caps: [{ name: one, limit: 1, window: 1d, per: address }]")
        world.contact(world.message(), at: noon)
        #expect(!world.ask(world.message()).isSend)
        world.profile?.addresses[0].value = "other@example.com"
        #expect(world.ask(world.message()).isSend)
        world.profile?.addresses[0].value = "ANN@example.COM"
        #expect(!world.ask(world.message()).isSend)
    }

    @Test("reserved slots are for the priority they are reserved for")
    func reserve() throws {
        var world = try World(
            "caps: [{ name: week, limit: 3, window: 7d, reserve: { priority: high, slots: 1 } }]")
        for _ in 0..<2 { #expect(world.contact(world.message(), at: noon).isSend) }
        #expect(world.ask(world.message()).summary.hasPrefix("week 2/2,"))
        #expect(world.ask(world.message(priority: .high)).isSend)
        #expect(world.ask(world.message(priority: .critical)).isSend)
        world.contact(world.message(priority: .high), at: noon)
        #expect(!world.ask(world.message(priority: .critical)).isSend)
    }

    @Test("a rule that overrides another applies instead of it")
    func overrides() throws {
        var world = try World(
            """
            caps:
              - { name: general, limit: 1, window: 1d }
              - { name: launch, applies_to: { campaign: launch }, limit: 3, window: 1d, overrides: [general] }
            """)
        for _ in 0..<3 { #expect(world.contact(world.message(campaign: "launch"), at: noon).isSend) }
        #expect(world.ask(world.message(campaign: "launch")).summary.hasPrefix("launch 3/3,"))
        #expect(world.ask(world.message(campaign: "spring")).summary.hasPrefix("general 3/1,"))
        #expect(
            world.ask(world.message(campaign: "launch")).text.contains(
                #""rule":"general","passes":true,"overridden_by":"launch""#))
    }

    @Test("a shorter window is in force for the next message, over the same ledger")
    func edit() throws {
        var world = try World("caps: [{ name: one, limit: 1, window: 7d }]")
        world.contact(world.message(), at: noon - .seconds(2 * 86_400))
        #expect(!world.ask(world.message()).isSend)
        world.policy = try Policy.parse(text: "caps: [{ name: one, limit: 1, window: 1d }]")
        #expect(world.ask(world.message()).isSend)
        world.policy = try Policy.parse(text: "caps: [{ name: another, limit: 1, window: 3d }]")
        #expect(!world.ask(world.message()).isSend)
    }

    @Test("a lowered limit holds until enough contacts have aged out, whatever their order in the ledger")
    func lowered() throws {
        var world = try World("")
        for minute: Int64 in [3, 1, 5, 2, 4] { world.contact(world.message(), at: noon + .seconds(60 * minute)) }
        world.policy = try Policy.parse(text: "caps: [{ name: two, limit: 2, window: 1h, on_cap: hold }]")
        let message = world.message()
        let free = noon + .seconds(60 * 4 + 3_600)
        #expect(world.ask(message, at: noon + .seconds(600)).verdict == .hold(until: free, .frequencyCapped))
        #expect(!world.ask(message, at: free - .milliseconds(1)).isSend)
        #expect(world.ask(message, at: free).isSend)
    }

    @Test("a gap is at most one in any stretch of its length")
    func gap() throws {
        var world = try World("caps: [{ name: breath, gap: 4h, on_cap: hold }]")
        world.contact(world.message(), at: noon)
        #expect(world.ask(world.message()).verdict == .hold(until: noon + .seconds(4 * 3_600), .frequencyCapped))
    }

    @Test("a lifetime cap never opens again, and asks for the whole ledger")
    func lifetime() throws {
        var world = try World("caps: [{ name: welcome, limit: 1, window: lifetime, per: template, on_cap: hold }]")
        world.contact(world.message(template: "welcome"), at: noon)
        let later = noon + .seconds(86_400 * 3_000)
        let decision = world.ask(world.message(template: "welcome"), at: later)
        #expect(decision.verdict == .hold(until: later + .seconds(900), .frequencyCapped))
        #expect(decision.isEndless)
        #expect(world.ask(world.message(template: "other")).isSend)
        #expect(world.policy.horizon >= .seconds(86_400 * 36_000))
    }

    @Test("a hold waits for the last of several rules")
    func severalRules() throws {
        var world = try World(
            """
            caps:
              - { name: gap, gap: 1h, on_cap: hold }
              - { name: day, limit: 2, window: 1d, on_cap: hold }
            """)
        world.contact(world.message(), at: noon - .seconds(7_200))
        world.contact(world.message(), at: noon)
        #expect(world.ask(world.message()).verdict == .hold(until: noon + .seconds(86_400 - 7_200), .frequencyCapped))
        world.policy = try Policy.parse(
            text: """
                caps:
                  - { name: gap, gap: 1h, on_cap: hold }
                  - { name: day, limit: 2, window: 1d, on_cap: drop }
                """)
        #expect(world.ask(world.message()).verdict == .drop(.frequencyCapped))
    }

    @Test("what could only go after it expires is dropped now, with the reason")
    func beyondExpiry() throws {
        var world = try World(Self.perDay)
        world.contact(world.message(), at: noon)
        world.contact(world.message(), at: noon)
        let decision = world.ask(world.message(expiresAt: noon + .seconds(3_600)))
        #expect(decision.verdict == .drop(.frequencyCapped))
        #expect(decision.summary.contains("after the message expires"))
        let patient = world.ask(world.message(expiresAt: noon + .seconds(86_401)))
        #expect(patient.verdict == .hold(until: noon + .seconds(86_400), .frequencyCapped))
    }

    @Test("next_channel goes to the next reachable channel of the plan, then holds or drops")
    func nextChannel() throws {
        var world = try World(
            "caps: [{ name: mail, applies_to: { channel: email }, limit: 1, window: 1d, on_cap: next_channel }]")
        world.contact(world.message(), at: noon)
        #expect(world.ask(world.message(channels: [.email, .sms])).verdict == .reroute(.sms))
        #expect(world.ask(world.message(channels: [.email, .sms]), on: .sms).isSend)
        #expect(world.ask(world.message()).verdict == .hold(until: noon + .seconds(86_400), .frequencyCapped))
        world.policy = try Policy.parse(
            text: """
                caps:
                  - { name: mail, applies_to: { channel: email }, limit: 1, window: 1d, on_cap: next_channel, otherwise: drop }
                """)
        #expect(world.ask(world.message()).verdict == .drop(.frequencyCapped))
    }
}
