import JSON
import SobreModel
import Testing

@testable import SobreAdmission

/// Step `operator_pause`: what operators keep from being sent for now.
@Suite struct OperatorPauseTests {
    private static let yaml = """
        categories: { brief: { consent: none, expires_after: 5m } }
        control_groups: [{ name: holdout, applies_to: { campaign: held-out }, percent: 100 }]
        caps: [{ name: one, applies_to: { category: marketing }, limit: 1, window: 1d, on_cap: drop }]
        """

    private let noon = World.noon

    private static func pause(_ id: Int64, _ filter: DeliveryFilter, until: Instant? = nil) -> SendingPause {
        SendingPause(
            id: id, filter: filter, since: World.noon - .seconds(30), until: until, reason: "wrong link", by: "ann")
    }

    private static func world(_ pauses: SendingPause...) throws -> World {
        var world = try World(yaml)
        world.pauses = pauses
        return world
    }

    @Test(
        "what a pause covers is held without an end, and the rest is sent",
        arguments: [
            DeliveryFilter.all, DeliveryFilter(campaign: "spring"), DeliveryFilter(category: "Marketing"),
            DeliveryFilter(channel: .email), DeliveryFilter(template: "offer"), DeliveryFilter(journey: "welcome"),
            DeliveryFilter(tenant: "north"), DeliveryFilter(campaign: "spring", channel: .email),
        ])
    func holds(filter: DeliveryFilter) throws {
        var world = try Self.world(Self.pause(3, filter))
        var message = world.message()
        message.draft.journey = "welcome"
        message.draft.tenant = "north"
        let decision = world.ask(message)
        #expect(decision.verdict == .hold(until: .distantFuture, .pausedByOperator))
        #expect(decision.pause == 3)
        #expect(
            decision.summary
                == "\(filter), paused by ann since 2026-03-02T11:59:30Z: wrong link; until resumed")
        var other = world.message("transactional", campaign: "autumn", template: "receipt", channels: [.sms])
        other.draft.journey = "win-back"
        other.draft.tenant = "south"
        #expect(world.ask(other).isSend == !filter.isAll)
    }

    @Test func `a pause with an end holds up to it, and is over at that instant`() throws {
        let end = World.noon + .seconds(600)
        var world = try Self.world(Self.pause(3, .all, until: end))
        let message = world.message()
        #expect(world.ask(message).verdict == .hold(until: end, .pausedByOperator))
        #expect(world.ask(message, at: end - .milliseconds(1)).pause == 3)
        #expect(world.ask(message, at: end).isSend)
    }

    @Test func `nothing is dropped because of a pause: a message is held until it expires, and expires then`() throws {
        var world = try Self.world(Self.pause(3, .all), Self.pause(4, DeliveryFilter(channel: .email)))
        let expiry = noon + .seconds(60)
        let message = world.message(expiresAt: expiry)
        #expect(world.ask(message).verdict == .hold(until: expiry, .pausedByOperator))
        #expect(world.ask(message, at: expiry).verdict == .expire)
        world.pauses.removeFirst()
        #expect(world.ask(message).verdict == .hold(until: expiry, .pausedByOperator))
        world.pauses = [Self.pause(5, .all, until: expiry + .seconds(60))]
        #expect(world.ask(message).verdict == .hold(until: expiry, .pausedByOperator))
        // The category's own expiry counts as well.
        world.pauses = [Self.pause(6, .all)]
        #expect(
            world.ask(world.message("brief")).verdict == .hold(until: noon + .seconds(240), .pausedByOperator))
    }

    @Test func `of several pauses the one that lasts longest holds`() throws {
        let late = noon + .seconds(900)
        var world = try Self.world(
            Self.pause(3, .all, until: noon + .seconds(60)),
            Self.pause(4, DeliveryFilter(campaign: "spring"), until: late))
        #expect(world.ask(world.message()).pause == 4)
        world.pauses.append(Self.pause(5, DeliveryFilter(template: "offer")))
        world.pauses.append(Self.pause(6, DeliveryFilter(category: "marketing")))
        #expect(world.ask(world.message()).pause == 5)
    }

    @Test func `a pause is asked about after the control group and before restored data, rules and other channels`()
        throws
    {
        var world = try Self.world(Self.pause(3, .all))
        #expect(world.ask(world.message(campaign: "held-out")).verdict == .drop(.controlGroup))
        world.conditions.restoredAt = noon
        world.suppressions = [
            Suppression(subject: .recipient("ann"), label: "ann", reason: .manual, source: "test", at: .epoch)
        ]
        #expect(world.ask(world.message()).pause == 3)
        world.isRendered = false
        #expect(world.ask(world.message()).pause == 3)
        world.isCancelled = true
        #expect(world.ask(world.message()).verdict == .drop(.cancelled))
    }

    @Test func `a paused channel holds, unless the recipient cannot be reached on it anyway`() throws {
        var world = try Self.world(Self.pause(3, DeliveryFilter(channel: .sms)))
        let message = world.message(channels: [.sms, .email])
        #expect(world.ask(message).pause == 3)
        world.profile?.addresses.removeAll { $0.channel == .sms }
        #expect(world.ask(message, on: .email).isSend)
        // It is held before its content, its duplicates and its caps are asked about.
        world = try Self.world()
        world.contact(world.message(campaign: "earlier"), at: noon - .seconds(60))
        world.pauses = [Self.pause(3, DeliveryFilter(channel: .email))]
        world.isRendered = false
        #expect(world.ask(world.message()).pause == 3)
    }

    @Test func `a paused provider holds only what no other provider can take`() throws {
        var world = try Self.world(Self.pause(3, DeliveryFilter(provider: "a")))
        world.conditions.providers = [.email: ["a", "b"]]
        let message = world.message()
        #expect(world.ask(message).isSend)
        #expect(world.ask(message, through: "b").isSend)
        // Another provider is to be chosen.
        #expect(world.ask(message, through: "a").verdict == .reroute(.email))
        #expect(world.ask(message, through: "a", isOnly: true).pause == 3)
        world.pauses.append(Self.pause(4, DeliveryFilter(provider: "b"), until: noon + .seconds(60)))
        // The first that ends is the one that is waited for.
        for provider in [nil, "a", "b"] {
            let decision = world.ask(message, through: provider)
            #expect(decision.verdict == .hold(until: noon + .seconds(60), .pausedByOperator))
            #expect(decision.pause == 4)
        }
        world.conditions.providers = [.email: ["a"]]
        #expect(world.ask(message).pause == 3)
        // A push token is bound to the provider that issued it.
        world.conditions.providers = [.push: ["a", "b"]]
        world.pauses = [Self.pause(3, DeliveryFilter(provider: "a"))]
        let push = world.message(channels: [.push])
        #expect(world.ask(push).isSend)
        world.profile?.addresses = [Address(channel: .push, value: "t", provider: "a")]
        #expect(world.ask(push).pause == 3)
    }

    @Test func `a later channel of an escalation waits with the pause that holds the earlier one`() throws {
        var world = try Self.world(Self.pause(3, DeliveryFilter(channel: .email)))
        let message = world.message(channels: [.email, .sms], route: .escalate)
        world.earlier = [EarlierDelivery(channel: .email, state: .held)]
        let decision = world.ask(message, slot: 1)
        #expect(decision.verdict == .hold(until: .distantFuture, .awaitsChannel))
        #expect(decision.pause == 3)
        #expect(decision.summary == "email goes first and is held")
        world.pauses = []
        #expect(world.ask(message, slot: 1).verdict == .hold(until: noon + .seconds(1), .awaitsChannel))
        world.pauses = [Self.pause(4, DeliveryFilter(provider: "a"))]
        #expect(world.ask(message, slot: 1).pause == 4)
        world.earlier[0].dueAt = noon + .seconds(9)
        #expect(world.ask(message, slot: 1).verdict == .hold(until: noon + .seconds(10), .awaitsChannel))
    }

    @Test func `the explanation names the pause, who ordered it, why, since when and until when`() throws {
        let until = noon + .seconds(3_600)
        var world = try Self.world(
            Self.pause(3, DeliveryFilter(campaign: "spring"), until: until),
            Self.pause(4, DeliveryFilter(channel: .sms)))
        let decision = world.ask(world.message(channels: [.sms]))
        let root = try JSONDocument.parse(try #require(decision.explanation)).root
        #expect(root["step"]?.string == "operator_pause")
        #expect(root["until"]?.string == until.rfc3339)
        let step = try #require(root["steps"]?.elements.first { $0["step"]?.string == "operator_pause" })
        #expect(step["passes"]?.bool == false && step["pause"]?.int == 3)
        let words = ["scope", "by", "reason", "since", "until"].map { step[$0]?.string }
        #expect(words == ["campaign spring", "ann", "wrong link", "2026-03-02T11:59:30Z", until.rfc3339])
        let channel = try #require(root["channels"]?[0])
        #expect(channel["steps"]?.elements.contains { $0["step"]?.string == "operator_pause" } == true)
        let lines = Explanation.render(json: try #require(decision.explanation))
        #expect(lines[0] == "hold: paused by operator until 2026-03-02 13:00:00 UTC")
        #expect(lines.contains { $0.hasPrefix("  ✗ operator pause: campaign spring, wrong link, until 2026-03-02") })
        // Without an end there is none to name.
        world.pauses.removeFirst()
        let endless = try JSONDocument.parse(try #require(world.ask(world.message(channels: [.sms])).explanation)).root
        #expect(endless["until"] == nil && endless["verdict"]?.string == "hold")
    }

    @Test func `a dry run makes the same decision`() throws {
        var world = try Self.world(Self.pause(3, DeliveryFilter(channel: .email)))
        let message = world.message(channels: [.email, .sms], route: .all)
        let found = world.policy.dryRun(message, facts: world.facts, conditions: world.conditions, now: noon)
        #expect(found.map(\.decision.pause) == [3, nil])
        #expect(found[0].decision.verdict == .hold(until: .distantFuture, .pausedByOperator))
        #expect(found[1].decision.isSend)
    }
}
