import SobreAdmission
import SobreModel
import Testing

/// A rule that says `hold` does not drop: without an end that can be computed, it holds until it changes or the message
/// expires.
@Suite struct EndlessHoldTests {
    private static let allDay = #"hours: [{ from: "00:00", to: "24:00" }]"#

    private static let cases = [
        ("caps: [{ name: stop, limit: 0, window: 1d, on_cap: hold }]", HoldReason.frequencyCapped, "stop 0/0"),
        ("caps: [{ name: stop, limit: 0, window: lifetime, on_cap: hold }]", .frequencyCapped, "stop 0/0"),
        ("caps: [{ name: stop, limit: 0, window: calendar day, on_cap: hold }]", .frequencyCapped, "stop 0/0"),
        ("caps: [{ name: stop, limit: 0, window: 1d, on_cap: next_channel }]", .frequencyCapped, "stop 0/0"),
        ("quiet_hours: [{ name: night, \(allDay), on_hit: hold }]", .quietHours, "night"),
        ("quiet_hours: [{ name: night, \(allDay) }]", .quietHours, "night"),
        ("quiet_hours: [{ name: night, \(allDay), on_hit: next_channel }]", .quietHours, "night"),
    ]

    @Test(arguments: cases)
    func `It holds, and is decided again soon and then ever more rarely`(
        yaml: String, reason: HoldReason, rule: String
    ) throws {
        var world = try World("recheck: 15m\n\(yaml)")
        let message = world.message()
        for (age, wait) in [(0, 5), (60, 30), (600, 300), (3_600, 900), (90 * 86_400, 900)] {
            let now = message.acceptedAt + .seconds(age)
            let decision = world.ask(message, at: now)
            #expect(decision.verdict == .hold(until: now + .seconds(wait), reason))
            #expect(decision.isEndless)
            #expect(decision.summary == "\(rule); held until the rule changes or the message expires")
        }
    }

    @Test(arguments: cases)
    func `It ends with the message`(yaml: String, reason: HoldReason, rule: String) throws {
        var world = try World(yaml)
        let message = world.message(expiresAt: World.noon + .seconds(10))
        #expect(world.ask(message).verdict == .hold(until: World.noon + .seconds(10), reason))
        #expect(world.ask(message, at: World.noon + .seconds(10)).verdict == .expire)
    }

    @Test(arguments: [
        ("caps: [{ name: stop, limit: 0, window: 1d }]", DropReason.frequencyCapped),
        ("caps: [{ name: stop, limit: 0, window: 1d, on_cap: next_channel, otherwise: drop }]", .frequencyCapped),
        ("quiet_hours: [{ name: night, \(allDay), on_hit: drop }]", .quietHours),
        ("quiet_hours: [{ name: night, \(allDay), on_hit: next_channel, otherwise: drop }]", .quietHours),
        // One that drops takes precedence.
        (
            """
            caps:
              - { name: stop, limit: 0, window: 1d, on_cap: hold }
              - { name: never, limit: 0, window: 1d, on_cap: drop }
            """, .frequencyCapped
        ),
    ])
    func `A rule that says drop still drops`(yaml: String, reason: DropReason) throws {
        var world = try World(yaml)
        let decision = world.ask(world.message())
        #expect(decision.verdict == .drop(reason))
        #expect(!decision.isEndless)
    }

    @Test func `Another channel is taken before the message is held`() throws {
        var world = try World(
            "caps: [{ name: no-mail, applies_to: { channel: email }, limit: 0, window: 1d, on_cap: next_channel }]")
        let both = world.message(channels: [.email, .sms])
        #expect(world.ask(both, on: .email).verdict == .reroute(.sms))
    }

    @Test func `A wish of the recipient holds like a rule`() throws {
        var world = try World("caps: [{ name: weekly, limit: 3, window: 7d, on_cap: hold }]")
        world.profile?.caps.limits = [RecipientCaps.Limit(rule: "weekly", limit: 0)]
        #expect(world.ask(world.message()).isEndless)
        // A pause ends at its time, but not into quiet hours without an end.
        world = try World("quiet_hours: [{ name: night, \(Self.allDay) }]")
        world.profile?.caps.pauses = [RecipientCaps.Pause(until: World.noon + .seconds(60))]
        #expect(world.ask(world.message()).isEndless)
    }

    @Test(arguments: [
        ("caps: [{ name: a, limit: 0, window: 1d, on_cap: hold }]", "never_ends", "holds"),
        ("caps: [{ name: a, limit: 0, window: 1d, on_cap: next_channel }]", "never_ends", "holds"),
        ("caps: [{ name: a, limit: 0, window: 1d }]", "", ""),
        ("quiet_hours: [{ name: a, \(allDay) }]", "nothing_passes", "held until they are changed"),
        ("quiet_hours: [{ name: a, \(allDay), on_hit: drop }]", "nothing_passes", "never sent"),
    ])
    func `The check says so`(yaml: String, kind: String, words: String) throws {
        let findings = try Policy.parse(text: yaml).findings
        #expect(findings.map(\.kind.rawValue).joined(separator: " ") == kind)
        #expect(findings.allSatisfy { $0.message.contains(words) }, "\(findings)")
    }

    @Test(arguments: ["90s", "15m", "1h30m", "1.5h", "7d", "2w", "1 d 12 h"])
    func `Every duration of a policy has the same grammar`(text: String) throws {
        _ = try Policy.parse(
            text: """
                categories: { marketing: { expires_after: \(text), fingerprint_window: \(text) } }
                dedup: [{ name: a, window: \(text) }]
                caps:
                  - { name: a, limit: 1, window: \(text) }
                  - { name: b, limit: 1, window: "\(text) rolling" }
                  - { name: c, gap: \(text) }
                """)
        let window = try Policy.parse(text: "caps: [{ name: a, limit: 1, window: \(text) }]")
        let gap = try Policy.parse(text: "caps: [{ name: a, gap: \(text) }]")
        #expect(window.horizon == gap.horizon)
    }

    @Test func `An expiry counts from the later of send_at and acceptance`() throws {
        var world = try World("categories: { marketing: { consent: none, expires_after: 1h } }")
        var message = world.message()
        message.draft.sendAt = message.acceptedAt - .seconds(86_400)
        #expect(world.ask(message, at: message.acceptedAt + .seconds(3_599)).isSend)
        #expect(world.ask(message, at: message.acceptedAt + .seconds(3_600)).verdict == .expire)
        message.draft.sendAt = message.acceptedAt + .seconds(60)
        #expect(world.ask(message, at: message.acceptedAt + .seconds(3_659)).isSend)
    }

    @Test func `A refusal outranks a grant from the future, and the case of names does not matter`() throws {
        var world = try World("categories: { marketing: { consent: opt_in } }")
        let grant = Consent(category: "marketing", granted: true, at: World.noon + .seconds(90 * 86_400))
        let refusal = Consent(category: "Marketing", channel: .email, granted: false, at: World.noon)
        for consents in [[grant, refusal], [refusal, grant]] {
            world.profile?.consents = consents
            #expect(world.ask(world.message()).verdict == .drop(.noConsent))
        }
        world.profile?.consents = [grant]
        #expect(world.ask(world.message()).isSend)
        world.suppressions = [
            Suppression(
                subject: .recipient("ann"), label: "ann", reason: .manual, category: "MARKETING", source: "x",
                at: .epoch)
        ]
        #expect(world.ask(world.message()).verdict == .drop(.suppressed))
    }
}
