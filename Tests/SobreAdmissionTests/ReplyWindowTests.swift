import JSON
import SobreModel
import Testing

@testable import SobreAdmission

/// A free text on a channel that takes one only within 24 hours of the recipient's last message.
@Suite("The window for free texts") struct ReplyWindowTests {
    static let noon = World.noon
    private let noon = Self.noon
    private static let number = Address(channel: .whatsapp, value: "+442079460123")

    /// `chat` sends a free text, `approved` an approved template, `mixed` an approved template in French alone.
    private static func windows() -> ReplyWindows {
        var lengths = ByChannel<Duration?>(repeating: nil)
        lengths[.whatsapp] = .seconds(86_400)
        var approved = ApprovedTemplates()
        approved.set("chat", locales: ["": false])
        approved.set("approved", locales: ["": true])
        approved.set("mixed", locales: ["": false, "fr": true])
        return ReplyWindows(lengths: lengths, approved: approved)
    }

    private static func world(wrote: Instant? = nil) throws -> World {
        var world = try World("categories: { marketing: { consent: none } }")
        world.conditions.replyWindows = windows()
        if let wrote { world.lastInbound = [LastInbound(address: number.subject, at: wrote)] }
        return world
    }

    @Test(
        arguments: [
            (nil, false), (noon - .seconds(86_401), false), (noon - .seconds(86_400), false),
            (noon - .milliseconds(86_399_999), true), (noon - .seconds(1), true), (noon, true),
        ] as [(Instant?, Bool)])
    func `a free text goes until 24 hours after the recipient's last message`(wrote: Instant?, goes: Bool) throws {
        var world = try Self.world(wrote: wrote)
        let decision = world.ask(world.message(template: "chat", channels: [.whatsapp]))
        #expect(decision.isSend == goes)
        if !goes { #expect(decision.verdict == .drop(.windowClosed)) }
    }

    @Test func `an approved template goes at any time, in the locale that has one`() throws {
        var world = try Self.world()
        #expect(world.ask(world.message(template: "approved", channels: [.whatsapp])).isSend)
        #expect(world.ask(world.message(template: "mixed", channels: [.whatsapp])).verdict == .drop(.windowClosed))
        world.profile?.locale = "fr-CA"
        #expect(world.ask(world.message(template: "mixed", channels: [.whatsapp])).isSend)
    }

    @Test func `a template that is not known is not refused, because its messages are held until it is`() throws {
        var world = try Self.world()
        #expect(world.ask(world.message(template: "broken", channels: [.whatsapp])).isSend)
    }

    @Test func `the window of another address opens nothing, and other channels have none`() throws {
        var world = try Self.world()
        world.lastInbound = [
            LastInbound(address: Address(channel: .whatsapp, value: "+442079460124").subject, at: noon),
            LastInbound(address: Address(channel: .sms, value: "+442079460123").subject, at: noon),
        ]
        #expect(world.ask(world.message(template: "chat", channels: [.whatsapp])).verdict == .drop(.windowClosed))
        #expect(world.ask(world.message(template: "chat", channels: [.sms])).isSend)
        world.conditions.replyWindows = nil
        #expect(world.ask(world.message(template: "chat", channels: [.whatsapp])).isSend)
    }

    @Test func `a message goes on to its next channel, and is refused before it is rendered`() throws {
        var world = try Self.world()
        let both = world.message(template: "chat", channels: [.whatsapp, .sms])
        #expect(world.ask(both, on: .whatsapp).verdict == .reroute(.sms))
        #expect(world.ask(both, on: .sms).isSend)
        world.isRendered = false
        #expect(world.ask(world.message(template: "chat", channels: [.whatsapp])).verdict == .drop(.windowClosed))
    }

    @Test func `consent is asked for before the window, duplicates after it`() throws {
        var world = try Self.world()
        world.suppressions = [
            Suppression(
                subject: Self.number.subject, label: "a", reason: .stopKeyword, source: "test", at: noon)
        ]
        #expect(world.ask(world.message(template: "chat", channels: [.whatsapp])).verdict == .drop(.suppressed))
        #expect(AdmissionStep.consent.rawValue < AdmissionStep.window.rawValue)
        #expect(AdmissionStep.window.rawValue < AdmissionStep.duplicate.rawValue)
    }

    @Test func `the refusal says what the window is, since when it is closed and what helps`() throws {
        var world = try Self.world(wrote: noon - .seconds(2 * 86_400))
        let decision = world.ask(world.message(template: "chat", channels: [.whatsapp]))
        #expect(
            decision.summary == "WhatsApp takes a free text only within 1d of the recipient's last message, and the "
                + "recipient wrote last at 2026-02-28T12:00:00Z, so it is closed since 2026-03-01T12:00:00Z; a "
                + "template that the channel's operator has approved (template: in its file) can be sent at any time")
        let root = try JSONDocument.parse(decision.explanation ?? []).root
        #expect(root["reason"]?.string == "window_closed" && root["step"]?.string == "window")
        let step = root["channels"]?[0]?["steps"]?.elements.first { $0["step"]?.string == "window" }
        #expect(step?["passes"]?.bool == false && step?["content"]?.string == "free text")
        #expect(step?["last_inbound"]?.string == "2026-02-28T12:00:00Z")
        #expect(step?["since"]?.string == "2026-03-01T12:00:00Z" && step?["window"]?.string == "1d")
        let lines = Explanation.render(json: decision.explanation ?? []).joined(separator: "\n")
        #expect(lines.hasPrefix("drop: window closed"), "\(lines)")
        #expect(lines.contains("✗ window: free text, window of 1d") && lines.contains("since 2026-03-01"), "\(lines)")
        world.lastInbound = []
        let never = world.ask(world.message(template: "chat", channels: [.whatsapp]))
        #expect(never.summary.contains("the recipient has not written yet"))
    }

    @Test func `an open window is shown with its end, and a message without one shows no such step`() throws {
        var world = try Self.world(wrote: noon - .seconds(3_600))
        let sent = world.ask(world.message(template: "chat", channels: [.whatsapp]), explaining: .always)
        #expect(sent.text.contains(#""open_until":"2026-03-03T11:00:00Z""#), "\(sent.text)")
        let other = world.ask(world.message(template: "chat", channels: [.email]), explaining: .always)
        #expect(!other.text.contains(#""window""#))
    }

    @Test func `a dry run and a simulation make the same decision`() throws {
        for wrote in [nil, noon - .seconds(3_600)] as [Instant?] {
            var world = try Self.world(wrote: wrote)
            let message = world.message(template: "chat", channels: [.whatsapp])
            let own = world.ask(message, explaining: .always)
            let dry = world.policy.dryRun(message, facts: world.facts, conditions: world.conditions, now: noon)[0]
            #expect(dry.decision.verdict == own.verdict && dry.decision.explanation == own.explanation)
            let judged = world.policy.judge(
                world.request(message), facts: world.facts, conditions: world.conditions, now: noon,
                traits: world.policy.traits(of: message.draft))
            #expect(judged.verdict == own.verdict)
            if let objection = judged.objection { #expect(world.policy.name(of: objection) == "window") }
        }
    }
}
