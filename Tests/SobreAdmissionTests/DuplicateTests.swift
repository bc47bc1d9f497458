import SobreAdmission
import SobreModel
import Testing

@Suite struct DuplicateTests {
    static let week = "dedup: [{ name: once, window: 7d }]"
    let noon = World.noon

    @Test("the same campaign, template and key is sent once a window, on any channel, and names the earlier one")
    func once() throws {
        var world = try World(Self.week)
        let first = world.message(dedupKey: "order-1")
        world.contact(first, at: noon)
        let again = world.ask(world.message(channels: [.sms], dedupKey: "order-1"), at: noon + .seconds(60))
        #expect(again.verdict == .drop(.duplicate))
        #expect(again.summary == "once: duplicate of \(first.id.delivery(0))")
        #expect(again.decidedBy == DecidingRule(step: "duplicate", rule: "once"))
        #expect(world.ask(world.message(dedupKey: "order-2")).isSend)
        #expect(world.ask(world.message(campaign: "autumn", dedupKey: "order-1")).isSend)
        #expect(world.ask(world.message(template: "other", dedupKey: "order-1")).isSend)
        let later = noon + .seconds(7 * 86_400)
        #expect(!world.ask(world.message(dedupKey: "order-1"), at: later - .milliseconds(1)).isSend)
        #expect(world.ask(world.message(dedupKey: "order-1"), at: later).isSend)
    }

    @Test("while the first is in flight the second waits; proven unsent, it takes its place")
    func inFlight() throws {
        var world = try World(Self.week)
        let first = world.message(dedupKey: "k")
        world.send(first, at: noon)
        let second = world.message(dedupKey: "k")
        let waiting = world.ask(second, at: noon + .seconds(3))
        #expect(waiting.verdict == .hold(until: noon + .seconds(6), .duplicateInFlight))
        #expect(waiting.summary == "once: waits for \(first.id.delivery(0))")
        // Never longer than an attempt can last.
        #expect(
            world.ask(second, at: noon + .seconds(600)).verdict
                == .hold(until: noon + .seconds(660), .duplicateInFlight))
        world.ledger[0].state = .released
        #expect(world.ask(second, at: noon + .seconds(6)).isSend)
        world.ledger[0].state = .committed
        world.ledger[0].committedAt = noon + .seconds(5)
        #expect(world.ask(second, at: noon + .seconds(6)).verdict == .drop(.duplicate))
    }

    @Test("a further attempt and other deliveries of one message are no duplicates of it")
    func sameMessage() throws {
        var world = try World(Self.week)
        let message = world.message("transactional", dedupKey: "k")
        world.contact(message, at: noon)
        #expect(world.ask(message).isSend)
    }

    @Test(
        "a missing key is treated as the rule says, never in silence",
        arguments: [
            ("compare_rest", AdmissionDecision.Verdict.drop(.duplicate)), ("skip", nil),
            ("hold", .hold(until: World.noon + .seconds(900), .policyError)),
        ] as [(String, AdmissionDecision.Verdict?)])
    func missingKey(_ mode: String, _ verdict: AdmissionDecision.Verdict?) throws {
        var world = try World("dedup: [{ name: once, window: 7d, when_missing: \(mode) }]")
        world.contact(world.message(dedupKey: "x"), at: noon)
        world.ledger[0].traits.dedupKey = .none
        let decision = world.ask(world.message())
        if let verdict { #expect(decision.verdict == verdict) } else { #expect(decision.isSend) }
    }

    @Test("scope and channels of a rule")
    func scope() throws {
        var world = try World("dedup: [{ name: d, key: campaign, window: 1d, scope: address, across: none }]")
        world.contact(world.message(), at: noon)
        #expect(world.ask(world.message(channels: [.sms])).isSend)
        #expect(world.ask(world.message()).verdict == .drop(.duplicate))
        world.profile?.addresses[0].value = "other@example.com"
        #expect(world.ask(world.message()).isSend)
    }

    @Test("two profiles that share a mailbox get one mail")
    func sharedMailbox() throws {
        var world = try World("dedup: [{ name: d, window: 1d, scope: address }]")
        world.contact(world.message(), at: noon)
        world.ledger[0].recipient = .recipient("bob")
        #expect(world.ask(world.message()).verdict == .drop(.duplicate))
    }

    @Test(
        "the same content under another campaign's name is a duplicate for a day; transactional content is not compared"
    )
    func fingerprint() throws {
        var world = try World("")
        let words = KeyHash("hello ann, 20 % off")
        let first = world.message(campaign: "a", template: "x")
        world.send(first, at: noon, committedAt: noon, fingerprint: words)
        let again = world.message(campaign: "b", template: "y", channels: [.sms])
        let decision = world.ask(again, at: noon + .seconds(60), fingerprint: words)
        #expect(decision.verdict == .drop(.duplicate))
        #expect(decision.summary == "same content: duplicate of \(first.id.delivery(0))")
        #expect(world.ask(again, at: noon + .seconds(60), fingerprint: KeyHash("else")).isSend)
        #expect(world.ask(again, at: noon + .seconds(60)).isSend)
        #expect(world.ask(again, at: noon + .seconds(86_400), fingerprint: words).isSend)
        #expect(world.ask(world.message("transactional"), at: noon + .seconds(60), fingerprint: words).isSend)
    }
}
