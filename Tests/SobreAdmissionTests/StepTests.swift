import SobreAdmission
import SobreModel
import Testing

@Suite struct StepTests {
    let noon = World.noon

    @Test("the steps that concern the whole message come first, in their order")
    func wholeSteps() throws {
        var world = try World("control_groups: [{ name: holdout, percent: 100 }]")
        let message = world.message(expiresAt: noon)
        world.isCancelled = true
        #expect(world.ask(message).verdict == .drop(.cancelled))
        world.isCancelled = false
        #expect(world.ask(message).verdict == .expire)
        #expect(world.ask(message).decidedBy == DecidingRule(step: "expiry"))
        let profile = world.profile
        world.profile = nil
        #expect(world.ask(message, at: noon - .milliseconds(1)).verdict == .drop(.unknownRecipient))
        world.profile = profile
        let decision = world.ask(message, at: noon - .milliseconds(1))
        #expect(decision.verdict == .drop(.controlGroup))
        #expect(decision.decidedBy == DecidingRule(step: "control_group", rule: "holdout"))
    }

    @Test("a category's own expiry counts from acceptance")
    func categoryExpiry() throws {
        var world = try World("categories: { marketing: { expires_after: 1h } }")
        let message = world.message()
        #expect(world.ask(message, at: message.acceptedAt + .seconds(3_599)).isSend)
        #expect(world.ask(message, at: message.acceptedAt + .seconds(3_600)).verdict == .expire)
    }

    @Test("a control group holds its share of people, the same ones each time")
    func controlGroup() throws {
        var world = try World("control_groups: [{ name: g, applies_to: { category: marketing }, percent: 10 }]")
        var held = 0
        for person in 0..<2_000 {
            var message = world.message()
            message.draft.recipient = "person-\(person)"
            world.profile?.id = "person-\(person)"
            let first = world.ask(message)
            if first.verdict == .drop(.controlGroup) { held += 1 }
            #expect(world.ask(message).verdict == first.verdict)
        }
        #expect((140...260).contains(held))
        #expect(world.ask(world.message("transactional")).isSend)
    }

    @Test("the first channel of the plan that is reachable is taken")
    func reachable() throws {
        var world = try World("")
        world.profile?.addresses.removeAll { $0.channel == .push }
        let message = world.message(channels: [.push, .sms, .email])
        #expect(world.ask(message).verdict == .reroute(.sms))
        #expect(world.ask(message, on: .email).verdict == .reroute(.sms))
        #expect(world.ask(message, on: .sms).isSend)
        world.profile?.addresses = []
        #expect(world.ask(message).verdict == .drop(.noAddress))
    }

    @Test("a suppressed channel passes the message on; a suppressed person gets none")
    func suppression() throws {
        var world = try World("")
        let message = world.message(channels: [.email, .sms])
        let mail = try #require(world.profile?.address(on: .email)?.subject)
        world.suppressions = [
            Suppression(subject: mail, label: "a***@example.com", reason: .hardBounce, source: "provider:x", at: .epoch)
        ]
        #expect(world.ask(message).verdict == .reroute(.sms))
        #expect(world.ask(world.message()).verdict == .drop(.suppressed))
        #expect(world.ask(world.message()).decidedBy == DecidingRule(step: "suppression"))
        #expect(world.ask(world.message()).summary == "a***@example.com: hard_bounce since 1970-01-01T00:00:00Z")
        world.suppressions[0].subject = .recipient("ann")
        #expect(world.ask(message).verdict == .drop(.suppressed))
    }

    @Test(
        "a suppression has its scope",
        arguments: [
            (Channel?.none, String?.none, true), (.email, nil, true), (.sms, nil, false), (nil, "marketing", true),
            (nil, "transactional", false), (.email, "marketing", true), (.sms, "marketing", false),
        ])
    func suppressionScope(_ channel: Channel?, _ category: String?, _ applies: Bool) throws {
        var world = try World("")
        world.suppressions = [
            Suppression(
                subject: .recipient("ann"), label: "ann", reason: .manual, channel: channel, category: category,
                source: "api", at: .epoch)
        ]
        #expect(world.ask(world.message()).isSend == !applies)
        world.suppressions[0].subject = .recipient("bob")
        #expect(world.ask(world.message()).isSend)
    }

    struct Consents: Sendable {
        var mode: String
        var consents: [Consent]
        var passes: Bool
    }

    static func consent(_ granted: Bool, _ at: Int64?, category: String = "marketing", channel: Channel? = nil)
        -> Consent
    {
        Consent(category: category, channel: channel, granted: granted, at: at.map { Instant(milliseconds: $0) })
    }

    @Test(
        "the latest consent about category or topic, on this channel or on all, decides",
        arguments: [
            Consents(mode: "opt_in", consents: [], passes: false),
            Consents(mode: "opt_out", consents: [], passes: true),
            Consents(mode: "none", consents: [consent(false, 5)], passes: true),
            Consents(mode: "opt_in", consents: [consent(true, nil)], passes: true),
            Consents(mode: "opt_out", consents: [consent(false, nil)], passes: false),
            Consents(mode: "opt_in", consents: [consent(true, 1), consent(false, 2)], passes: false),
            Consents(mode: "opt_in", consents: [consent(false, 2), consent(true, 1)], passes: false),
            Consents(mode: "opt_in", consents: [consent(false, 1), consent(true, 2)], passes: true),
            Consents(mode: "opt_in", consents: [consent(true, 2), consent(false, 2)], passes: false),
            Consents(mode: "opt_in", consents: [consent(true, 2), consent(false, nil)], passes: true),
            Consents(mode: "opt_in", consents: [consent(true, 1, channel: .sms)], passes: false),
            Consents(mode: "opt_in", consents: [consent(true, 1, channel: .email)], passes: true),
            Consents(mode: "opt_in", consents: [consent(true, 1, category: "shoes")], passes: true),
            Consents(mode: "opt_in", consents: [consent(true, 1, category: "hats")], passes: false),
            Consents(
                mode: "opt_in", consents: [consent(true, 1), consent(false, 2, category: "shoes")], passes: false),
        ])
    func consents(_ test: Consents) throws {
        var world = try World("categories: { marketing: { consent: \(test.mode) } }")
        world.profile?.consents = test.consents
        let decision = world.ask(world.message(topic: "shoes"))
        #expect(decision.isSend == test.passes)
        if !test.passes { #expect(decision.verdict == .drop(.noConsent)) }
    }

    @Test("a category that the policy does not name is treated as marketing in the strictest way")
    func unknownCategory() throws {
        var world = try World("caps: [{ name: one, limit: 1, window: 1d }]")
        #expect(world.ask(world.message("mystery")).verdict == .drop(.noConsent))
        world.profile?.consents = [Consent(category: "mystery", granted: true)]
        #expect(world.contact(world.message("mystery"), at: noon).isSend)
        #expect(world.ask(world.message("mystery")).verdict == .drop(.frequencyCapped))
        #expect(world.policy.category("mystery").unknownOutcome == .close)
        #expect(world.policy.category("transactional").unknownOutcome == .resendOnce)
    }

    @Test("of channels that cannot be used, the one that came furthest tells the reason")
    func reasonOfSeveral() throws {
        var world = try World("")
        world.profile?.consents = [Consent(category: "marketing", channel: .push, granted: true)]
        world.profile?.addresses.removeAll { $0.channel == .push }
        #expect(world.ask(world.message(channels: [.push, .email])).verdict == .drop(.noConsent))
    }

    @Test("route all: each delivery has its own channel and never another")
    func routeAll() throws {
        var world = try World("dedup: [{ name: d, window: 7d }]")
        let message = world.message(channels: [.email, .sms], route: .all)
        for (slot, channel) in message.channels.enumerated() {
            let request = AdmissionRequest(
                delivery: message.id.delivery(slot), epoch: 1, message: message, channel: channel)
            let decision = world.policy.decide(request, facts: world.facts, conditions: .normal, now: noon)
            guard case .send(let address, let traits) = decision.verdict else {
                Issue.record("\(decision)")
                continue
            }
            world.ledger.append(
                LedgerEntry(
                    id: Int64(slot), delivery: message.id.delivery(slot), state: .committed, reservedAt: noon,
                    committedAt: noon,
                    traits: traits, recipient: .recipient("ann"), address: address.subject))
        }
        #expect(world.ledger.map(\.traits.channel) == [.email, .sms])
        #expect(world.ask(world.message()).verdict == .drop(.duplicate))
    }

    @Test("a message that may have been taken stays on its channel")
    func possibleDuplicate() throws {
        var world = try World("")
        let message = world.message("transactional", channels: [.push, .sms])
        var request = world.request(message, on: .sms)
        request.attempt = 2
        request.possibleDuplicate = true
        #expect(world.policy.decide(request, facts: world.facts, conditions: .normal, now: noon).isSend)
        world.profile?.addresses.removeAll { $0.channel == .sms }
        #expect(
            world.policy.decide(request, facts: world.facts, conditions: .normal, now: noon).verdict
                == .drop(.noAddress))
        request.possibleDuplicate = false
        #expect(
            world.policy.decide(request, facts: world.facts, conditions: .normal, now: noon).verdict == .reroute(.push))
    }
}
