import JSON
import SobreModel
import Testing

@testable import SobreAdmission

/// The steps about the deciding node: restored data, the clock, a policy change, facts and content.
@Suite struct ConditionTests {
    static let noon = World.noon
    static let yaml = """
        categories: { brief: { consent: none, expires_after: 5m } }
        control_groups: [{ name: holdout, applies_to: { campaign: held-out }, percent: 100 }]
        caps: [{ name: one, applies_to: { category: marketing }, limit: 1, window: 1d, on_cap: drop }]
        """
    static let jump = ClockAlarm.ahead(by: .seconds(86_400))

    private let noon = Self.noon

    private static func steps(_ decision: AdmissionDecision) throws -> [(name: String, passes: Bool)] {
        let root = try JSONDocument.parse(try #require(decision.explanation)).root
        return root["steps"]?.elements.map { ($0["step"]?.string ?? "", $0["passes"]?.bool ?? false) } ?? []
    }

    // MARK: Restored data

    @Test func `what was accepted before a restore is held, whatever its category, and looked at every 15 minutes`()
        throws
    {
        var world = try World(Self.yaml)
        world.conditions.restoredAt = noon
        for category in ["marketing", "transactional"] {
            let decision = world.ask(world.message(category))
            #expect(decision.verdict == .hold(until: noon + .seconds(900), .restored))
            #expect(
                decision.summary == "the data was restored from a backup: the message may have been sent since then")
        }
    }

    @Test func `of what was accepted after a restore only what caps restrain is held`() throws {
        var world = try World(Self.yaml)
        var message = world.message()
        world.conditions.restoredAt = message.acceptedAt
        let decision = world.ask(message)
        #expect(decision.verdict == .hold(until: noon + .seconds(900), .restored))
        #expect(
            decision.summary == "the data was restored from a backup: it is unknown what else was sent since then")
        #expect(world.ask(world.message("transactional")).isSend)
        message.draft.capFlags = CapFlags(obeys: false, counts: true, by: "key:x")
        #expect(world.ask(message).isSend)
        message.draft.capFlags = nil
        message.draft.isTest = true
        #expect(world.ask(message).isSend)
    }

    @Test func `a restore is asked about after the control group and before everything about channels`() throws {
        var world = try World(Self.yaml)
        world.conditions.restoredAt = noon
        #expect(world.ask(world.message(campaign: "held-out")).verdict == .drop(.controlGroup))
        world.suppressions = [
            Suppression(subject: .recipient("ann"), label: "ann", reason: .manual, source: "test", at: .epoch)
        ]
        world.earlier = [EarlierDelivery(channel: .push, state: .opened)]
        let message = world.message(channels: [.push, .email], route: .escalate)
        #expect(world.ask(message, slot: 1).verdict == .hold(until: noon + .seconds(900), .restored))
        world.conditions.restoredAt = nil
        #expect(world.ask(message, slot: 1).verdict == .drop(.escalationMet))
        world.earlier = []
        #expect(world.ask(message, slot: 1).verdict == .drop(.suppressed))
    }

    // MARK: Escalation

    /// An earlier channel and the expected verdict for the next channel at noon. Nil when it is the next channel's
    /// turn.
    struct Turn: CustomStringConvertible, Sendable {
        var state: DeliveryState
        var sentAgo: Duration?
        var dueIn: Duration?
        var expected: AdmissionDecision.Verdict?
        var summary = ""

        var description: String { "\(state)" }

        static let all: [Turn] = [
            Turn(state: .failed), Turn(state: .dropped), Turn(state: .expired), Turn(state: .cancelled),
            Turn(state: .bounced, sentAgo: .seconds(9)),
            Turn(state: .queued, expected: wait(1), summary: "push goes first and is queued"),
            Turn(state: .attempting, expected: wait(1), summary: "push goes first and is attempting"),
            Turn(state: .held, dueIn: .seconds(60), expected: wait(61), summary: "push goes first and is held"),
            Turn(state: .deferred, dueIn: .seconds(-60), expected: wait(1), summary: "push goes first and is deferred"),
            Turn(
                state: .sent, sentAgo: .seconds(600), expected: wait(6_600), summary: "unless push is opened before"),
            Turn(
                state: .delivered, sentAgo: .seconds(7_199), expected: wait(1), summary: "unless push is opened before"),
            Turn(state: .unknown, sentAgo: .seconds(7_200)), Turn(state: .sent, sentAgo: .seconds(9_000)),
            Turn(state: .opened, sentAgo: .seconds(9_000), expected: .drop(.escalationMet), summary: "push is opened"),
            Turn(state: .complained, expected: .drop(.escalationMet), summary: "push is complained"),
        ]

        private static func wait(_ seconds: Int64) -> AdmissionDecision.Verdict {
            .hold(until: noon + .seconds(seconds), .awaitsChannel)
        }
    }

    @Test(arguments: Turn.all) func `a later channel waits for the earlier one, then for its success`(_ turn: Turn)
        throws
    {
        var world = try World(Self.yaml)
        let message = world.message(channels: [.push, .email], route: .escalate)
        world.earlier = [
            EarlierDelivery(
                channel: .push, state: turn.state, sentAt: turn.sentAgo.map { noon - $0 },
                dueAt: turn.dueIn.map { noon + $0 })
        ]
        let decision = world.ask(message, slot: 1, explaining: .always)
        #expect(turn.expected.map { $0 == decision.verdict } ?? decision.isSend, "\(decision.verdict)")
        #expect(decision.summary == turn.summary)
        let row = try #require(try Self.steps(decision).first { $0.name == "escalation" })
        #expect(row.passes == (turn.expected == nil))
    }

    @Test func `the success of any earlier channel ends an escalation, and the wait is for the last`() throws {
        var world = try World(Self.yaml)
        let message = world.message(channels: [.push, .sms, .email], route: .escalate)
        world.earlier = [
            EarlierDelivery(channel: .push, state: .clicked, sentAt: noon - .seconds(9_000)),
            EarlierDelivery(channel: .sms, state: .queued),
        ]
        #expect(world.ask(message, slot: 2).verdict == .drop(.escalationMet))
        world.earlier[0].state = .sent
        #expect(
            world.ask(message, slot: 2).verdict == .hold(until: noon + .seconds(1), .awaitsChannel))
        world.earlier[1] = EarlierDelivery(channel: .sms, state: .failed)
        #expect(world.ask(message, slot: 2).isSend)
    }

    @Test
    func `a wait for an earlier channel ends with the message, and so do those for the clock and after a restore`()
        throws
    {
        var world = try World(Self.yaml)
        let end = noon + .milliseconds(10)
        let message = world.message(channels: [.push, .email], route: .escalate, expiresAt: end)
        world.earlier = [EarlierDelivery(channel: .push, state: .sent, sentAt: noon)]
        #expect(world.ask(message, slot: 1).verdict == .hold(until: end, .awaitsChannel))
        world.earlier = []
        world.conditions.clockAlarm = Self.jump
        #expect(world.ask(message, slot: 1).verdict == .hold(until: end, .clockJumped))
        world.conditions.restoredAt = noon
        #expect(world.ask(message, slot: 1).verdict == .hold(until: end, .restored))
        // The expiry of its category counts like its own.
        let brief = world.message("brief")
        #expect(world.ask(brief).verdict == .hold(until: brief.acceptedAt + .seconds(300), .restored))
        #expect(world.ask(message, slot: 1, at: end).verdict == .expire)
    }

    // MARK: Clock

    @Test func `while the clock stands ahead what caps restrain waits a minute, and the rest goes`() throws {
        var world = try World(Self.yaml)
        world.conditions.clockAlarm = Self.jump
        let decision = world.ask(world.message())
        #expect(decision.verdict == .hold(until: noon + .seconds(60), .clockJumped))
        #expect(decision.summary == Self.jump.description)
        #expect(world.ask(world.message("transactional")).isSend)
        world.conditions.clockAlarm = .behind(by: .seconds(86_400))
        #expect(world.ask(world.message()).isSend)
    }

    @Test func `a clock in doubt holds only what would go, before another channel is chosen`() throws {
        var world = try World(Self.yaml)
        world.conditions.clockAlarm = Self.jump
        world.profile?.addresses.removeAll { $0.channel == .sms }
        let message = world.message(channels: [.sms, .email])
        #expect(world.ask(message).verdict == .hold(until: noon + .seconds(60), .clockJumped))
        world.conditions.clockAlarm = nil
        #expect(world.ask(message).verdict == .reroute(.email))
        world.contact(world.message(), at: noon - .seconds(60))
        world.conditions.clockAlarm = Self.jump
        #expect(world.ask(message).verdict == .drop(.frequencyCapped))
    }

    @Test func `a jump that was believed makes earlier contacts as young as they are`() throws {
        var world = try World(Self.yaml)
        world.contact(world.message(), at: noon - .seconds(2 * 86_400))
        #expect(world.ask(world.message()).isSend)
        world.conditions.clockCorrections = [
            ClockCorrection(at: noon - .seconds(2 * 86_400), by: .seconds(2 * 86_400 - 60))
        ]
        #expect(world.ask(world.message()).verdict == .drop(.frequencyCapped))
        world.conditions.clockCorrections[0].at = noon - .seconds(2 * 86_400) - .milliseconds(1)
        #expect(world.ask(world.message()).isSend, "what was recorded after it is as old as it looks")
    }

    // MARK: Policy, facts and content

    @Test func `nothing is sent on facts that are too short, or without content`() throws {
        var world = try World(Self.yaml)
        world.conditions = AdmissionConditions(horizon: world.policy.horizon - .milliseconds(1))
        let short = world.ask(world.message())
        #expect(short.verdict == .hold(until: noon + .milliseconds(100), .policyError))
        #expect(short.summary == "a policy that looks back further has come into force; the message is decided again")
        world.conditions.horizon = world.policy.horizon
        #expect(world.ask(world.message()).isSend)

        world.isRendered = false
        let blank = world.ask(world.message())
        #expect(blank.verdict == .reroute(.email), "to be rendered and decided again")
        let other = world.message(channels: [.push, .email])
        world.profile?.addresses.removeAll { $0.channel == .push }
        #expect(world.ask(other).verdict == .reroute(.email), "another channel is rendered anew in any case")
        // The summary is enough, because the decision is repeated at once and nothing is stored.
        #expect(short.explanation == nil && blank.explanation == nil)
    }

    @Test func `what is refused is refused whatever the node's condition`() throws {
        var world = try World(Self.yaml)
        world.contact(world.message(), at: noon - .seconds(60))
        world.conditions = AdmissionConditions(clockAlarm: Self.jump, horizon: .zero)
        world.isRendered = false
        #expect(world.ask(world.message()).verdict == .drop(.frequencyCapped))
        world.profile?.consents = []
        #expect(world.ask(world.message()).verdict == .drop(.noConsent))
        world.profile = nil
        #expect(world.ask(world.message()).verdict == .drop(.unknownRecipient))
        world.isCancelled = true
        #expect(world.ask(world.message()).verdict == .drop(.cancelled))
    }

    @Test func `of several conditions the first in order decides`() throws {
        var world = try World(Self.yaml)
        world.conditions = AdmissionConditions(
            restoredAt: noon, clockAlarm: Self.jump, horizon: .zero)
        world.isRendered = false
        let message = world.message()
        func reason() -> String { world.ask(message).summary }
        #expect(reason().contains("restored"))
        world.conditions.restoredAt = nil
        #expect(reason().contains("clock"))
        world.conditions.clockAlarm = nil
        #expect(reason().contains("further"))
        world.conditions.horizon = nil
        #expect(world.ask(message).verdict == .reroute(.email))
    }

    @Test func `each decision names the version that it was made under`() throws {
        var world = try World(Self.yaml)
        #expect(world.ask(world.message()).policyVersion == 7)
        world.conditions.restoredAt = noon
        #expect(world.ask(world.message()).policyVersion == 7)
        world.policy = world.policy.with(version: 8)
        #expect(world.ask(world.message()).policyVersion == 8)
        world.isCancelled = true
        #expect(world.ask(world.message()).policyVersion == 8)
    }

    // MARK: Trace

    @Test func `the trace has a row for each condition of the node, and none where there is none`() throws {
        var world = try World(Self.yaml)
        let plain = try Self.steps(world.ask(world.message(), explaining: .always))
        #expect(plain.map(\.name) == ["cancelled", "expiry", "recipient", "control_group"])
        world.conditions = AdmissionConditions(restoredAt: noon, clockAlarm: Self.jump, horizon: .zero)
        world.earlier = [EarlierDelivery(channel: .push, state: .opened)]
        world.isRendered = false
        world.isCancelled = true
        let message = world.message(channels: [.push, .email], route: .escalate)
        let all = try Self.steps(world.ask(message, slot: 1))
        #expect(
            all.map(\.name) == [
                "cancelled", "expiry", "recipient", "control_group", "restored", "escalation", "clock", "facts",
            ])
        #expect(all.filter(\.passes).map(\.name) == ["expiry", "recipient", "control_group"])
    }

    @Test func `a message that a condition holds tells what else would have held it`() throws {
        var world = try World(Self.yaml)
        world.contact(world.message(), at: noon - .seconds(60))
        world.conditions.restoredAt = noon
        let decision = world.ask(world.message())
        let explanation = try #require(decision.explanation)
        let root = try JSONDocument.parse(explanation).root
        #expect(root["verdict"]?.string == "hold" && root["reason"]?.string == "restored")
        #expect(root["step"]?.string == "restored" && root["until"]?.string == "2026-03-02T12:15:00Z")
        let failed = root["channels"]?[0]?["steps"]?.elements.filter { $0["passes"]?.bool == false }
        #expect(failed?.compactMap { $0["step"]?.string } == ["caps"])
        let lines = Explanation.render(json: explanation)
        #expect(lines[0] == "hold: restored until 2026-03-02 12:15:00 UTC")
        #expect(lines.contains { $0.hasPrefix("  ✗ restored: the data was restored") }, "\(lines)")
        #expect(lines.contains { $0.contains("✗ one 1/1") })
    }
}
