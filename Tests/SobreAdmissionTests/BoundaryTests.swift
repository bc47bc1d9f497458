import SobreAdmission
import SobreModel
import Testing

/// Boundary cases that a change of one line would break: the last moment, equality, the second of two.
@Suite("Edges of the decision") struct BoundaryTests {
    let noon = World.noon

    private func ask(
        _ world: World, _ message: Message, at now: Instant = World.noon, hours: [Int: Int] = [:],
        _ change: (inout AdmissionRequest) -> Void = { _ in }
    ) -> AdmissionDecision {
        var facts = world.facts
        for (hour, times) in hours {
            for _ in 0..<times { facts.engagement.record(.opened, on: .email, hourOfWeek: hour) }
        }
        var request = world.request(message)
        change(&request)
        return world.policy.decide(request, facts: facts, conditions: .normal, now: now)
    }

    private func until(_ decision: AdmissionDecision) -> Instant? {
        if case .hold(let until, _) = decision.verdict { until } else { nil }
    }

    // MARK: Caps

    @Test("of several reserved slots all are kept")
    func reserve() throws {
        var world = try World(
            "caps: [{ name: week, limit: 5, window: 7d, reserve: { priority: high, slots: 3 } }]")
        let normal = (0..<6).count { world.contact(world.message(), at: noon + .seconds($0)).isSend }
        let high = (0..<6).count { world.contact(world.message(priority: .high), at: noon + .seconds(10 + $0)).isSend }
        #expect(normal == 2 && high == 3)
    }

    @Test("a hold that would end with the message is a drop now, and one that ends before is none")
    func holdEndsWithMessage() throws {
        var world = try World("caps: [{ name: hour, limit: 1, window: 1h, on_cap: hold }]")
        world.contact(world.message(), at: noon)
        let free = noon + .seconds(3600)
        #expect(ask(world, world.message(expiresAt: free), at: noon + .seconds(1)).verdict == .drop(.frequencyCapped))
        let later = ask(world, world.message(expiresAt: free + .milliseconds(1)), at: noon + .seconds(1))
        #expect(until(later) == free)
    }

    @Test("what only an open attempt stops waits to the message's end rather than being dropped")
    func provisionalHold() throws {
        var world = try World("caps: [{ name: hour, limit: 1, window: 1h, on_cap: hold }]")
        world.send(world.message(), at: noon - .seconds(30))
        let end = noon + .milliseconds(200)
        #expect(ask(world, world.message(expiresAt: end)).verdict == .hold(until: end, .frequencyCapped))
    }

    @Test("where every channel asks for the next, the first to be free is waited for")
    func earliestOfChannels() throws {
        var world = try World(
            """
            caps:
              - { name: mail, applies_to: { channel: email }, limit: 1, window: 3h, on_cap: next_channel }
              - { name: text, applies_to: { channel: sms }, limit: 1, window: 1h, on_cap: next_channel }
              - { name: push, applies_to: { channel: push }, limit: 1, window: 2h, on_cap: next_channel }
            """)
        for channel in Channel.allCases {
            world.contact(world.message(channels: [channel]), on: channel, at: noon - .seconds(1))
        }
        let decision = ask(world, world.message(channels: [.email, .sms, .push]))
        #expect(until(decision) == noon + .seconds(3599))
    }

    @Test("where no channel is left, the reason is that of the plan's first")
    func reasonOfTheFirst() throws {
        var world = try World(
            """
            caps: [{ name: mail, applies_to: { channel: email }, limit: 0, window: 1d, on_cap: next_channel, otherwise: drop }]
            quiet_hours:
              - { name: texts, applies_to: { channel: sms }, hours: [{ from: "00:00", to: "23:00" }],
                  on_hit: next_channel, otherwise: drop }
            """)
        #expect(ask(world, world.message(channels: [.email, .sms])).verdict == .drop(.frequencyCapped))
        #expect(ask(world, world.message(channels: [.sms, .email])).verdict == .drop(.quietHours))
    }

    // MARK: Quiet hours

    @Test("a release that is spread never lies in the next quiet hours")
    func spreadKeepsOut() throws {
        var world = try World(
            """
            quiet_hours:
              - { name: q, hours: [{ from: "00:00", to: "08:00" }, { from: "08:01", to: "11:00" }], spread: 30m }
            """)
        for _ in 0..<60 {
            let message = world.message()
            let release = try #require(until(ask(world, message, at: noon - .seconds(10 * 3600))))
            #expect((noon - .seconds(4 * 3600)..<noon - .seconds(4 * 3600 - 60)).contains(release), "\(release)")
            #expect(ask(world, message, at: release).isSend, "\(release)")
        }
    }

    @Test("a number of the Bahamas is not taken for one of the United States")
    func longPrefix() throws {
        var world = try World(
            "quiet_hours: [{ name: nights, hours: [{ from: \"21:00\", to: \"08:00\" }], spread: 0s }]", timezone: nil)
        // 08:30 in Nassau, 05:30 in Los Angeles.
        let morning = noon + .seconds(5400)
        world.profile?.addresses = [Address(channel: .sms, value: "+1 242 322 1234")]
        #expect(ask(world, world.message(channels: [.sms]), at: morning).isSend)
        world.profile?.addresses = [Address(channel: .sms, value: "+1 212 322 1234")]
        #expect(until(ask(world, world.message(channels: [.sms]), at: morning)) != nil)
    }

    // MARK: Duplicates, consent, suppression

    @Test("what is in flight is no duplicate of another delivery of the same message")
    func siblingInFlight() throws {
        var world = try World("dedup: [{ name: once, window: 7d }]")
        let message = world.message(channels: [.email, .sms], route: .all, dedupKey: "k")
        world.send(message, at: noon)
        #expect(
            ask(world, message) {
                $0.channel = .sms; $0.delivery = message.id.delivery(1)
            }.isSend)
    }

    @Test("a rule that judges each channel separately allows the same content on another channel")
    func acrossNone() throws {
        var world = try World("dedup: [{ name: once, window: 7d, across: none }]")
        world.contact(world.message(dedupKey: "k"), at: noon)
        #expect(ask(world, world.message(channels: [.sms], dedupKey: "k"), at: noon + .seconds(1)).isSend)
        #expect(!ask(world, world.message(dedupKey: "k"), at: noon + .seconds(1)).isSend)
    }

    @Test("of several rules that wait for one in flight the first is told")
    func firstRuleWaits() throws {
        var world = try World("dedup: [{ name: one, window: 7d }, { name: two, window: 7d, key: [campaign] }]")
        world.send(world.message(dedupKey: "k"), at: noon)
        #expect(ask(world, world.message(dedupKey: "k"), at: noon + .seconds(1)).summary.hasPrefix("one:"))
    }

    @Test("of two consents of one time the refusal counts, in whichever order they stand", arguments: [true, false])
    func consentTie(_ refusalFirst: Bool) throws {
        var world = try World("")
        world.profile?.consents = [!refusalFirst, refusalFirst].map {
            Consent(category: "marketing", granted: $0, at: noon - .seconds(60))
        }
        #expect(ask(world, world.message()).verdict == .drop(.noConsent))
    }

    @Test("a suppressed device is passed over, as the first and as a further one")
    func suppressedDevice() throws {
        var world = try World("")
        world.profile?.addresses += ["token-2", "token-3"].map { Address(channel: .push, value: $0) }
        func stop(_ token: String) {
            world.suppressions.append(
                Suppression(
                    subject: Address(channel: .push, value: token).subject, label: token, reason: .invalidToken,
                    source: "test", at: noon))
        }
        func reached() -> [String] {
            let decision = ask(world, world.message(channels: [.push]))
            guard case .send(let address, _) = decision.verdict else { return [] }
            return [address.value] + decision.furtherAddresses.map(\.value)
        }
        #expect(reached() == ["token-1", "token-2", "token-3"])
        stop("token-1")
        #expect(reached() == ["token-2", "token-3"])
        stop("token-3")
        #expect(reached() == ["token-2"])
        stop("token-2")
        #expect(reached() == [])
    }

    @Test("a suppression of a topic stops that topic alone")
    func suppressedTopic() throws {
        var world = try World("")
        world.suppressions = [
            Suppression(
                subject: .recipient("ann"), label: "ann", reason: .unsubscribed, category: "shoes", source: "test",
                at: noon)
        ]
        #expect(ask(world, world.message(topic: "shoes")).verdict == .drop(.suppressed))
        #expect(ask(world, world.message(topic: "hats")).isSend && ask(world, world.message()).isSend)
    }

    @Test(
        "what contacts must share is compared, each by itself",
        arguments: ["category", "campaign", "journey", "topic", "template"])
    func scopes(_ name: String) throws {
        var world = try World("caps: [{ name: one, limit: 1, window: 1d, per: recipient+\(name) }]")
        world.profile?.consents.append(Consent(category: "news", granted: true))
        func message(_ changed: String) -> Message {
            var message = world.message(
                changed == "category" ? "news" : "marketing", campaign: changed == "campaign" ? "autumn" : "spring",
                template: changed == "template" ? "other" : "offer", topic: changed == "topic" ? "hats" : "shoes")
            message.draft.journey = changed == "journey" ? "leaving" : "welcome"
            return message
        }
        world.contact(message(""), at: noon)
        #expect(ask(world, message(""), at: noon + .seconds(1)).verdict == .drop(.frequencyCapped))
        for other in ["category", "campaign", "journey", "topic", "template"] {
            #expect(ask(world, message(other), at: noon + .seconds(1)).isSend == (other == name), "\(other)")
        }
    }

    @Test("the ledger reaches back for the longest rule, and for what may have been in flight before")
    func horizon() throws {
        let day: Duration = .seconds(86_400)
        #expect(
            try Policy.parse(text: "in_flight: 90s\ncaps: [{ name: a, limit: 1, window: 9d }]").horizon == day * 9
                + .seconds(90))
        #expect(try Policy.parse(text: "dedup: [{ name: a, window: 12d }]").horizon == day * 12 + .seconds(60))
    }

    @Test("of very many contacts that fill a cap the newest are listed")
    func newestListed() throws {
        var world = try World("caps: [{ name: many, limit: 60, window: 1d }]")
        let sent = (0..<60).map { second in
            let message = world.message()
            world.contact(message, at: noon + .seconds(second))
            return message.id.delivery(0)
        }
        let text = ask(world, world.message(), at: noon + .seconds(100)).text
        #expect(sent.suffix(50).allSatisfy { text.contains("\($0)") })
        #expect(!sent.prefix(10).contains { text.contains("\($0)") })
    }

    // MARK: Pauses

    @Test("of several pauses the longest is told")
    func longestPause() throws {
        var world = try World("")
        let long = noon + .seconds(7200)
        world.profile?.caps.pauses = [.init(until: noon + .seconds(3600)), .init(until: long), .init(until: noon)]
        let decision = ask(world, world.message())
        #expect(until(decision) == long)
        #expect(decision.summary.contains("\(long)"), "\(decision.summary)")
    }

    // MARK: Best time

    private func timed(
        _ world: inout World, within: Duration, expiresAt: Instant? = nil, sendAt: Instant? = nil
    ) -> Message {
        var message = world.message(expiresAt: expiresAt)
        message.draft.bestTimeWithin = within
        message.draft.sendAt = sendAt
        return message
    }

    @Test("an hour that begins with the last allowed moment is taken")
    func lastMoment() throws {
        var world = try World("")
        // Accepted a minute before noon: the span ends at exactly 15:00:00, and the best hour is 15 to 16.
        let message = timed(&world, within: .seconds(3 * 3600 + 60))
        #expect(until(ask(world, message, hours: [15: 9])) == noon + .seconds(3 * 3600))
    }

    @Test(
        "a habit does not end at the full hour: two hours side by side outweigh a single one that is a little stronger")
    func neighbours() throws {
        var world = try World("")
        let message = timed(&world, within: .seconds(86_400))
        let moment = try #require(until(ask(world, message, hours: [15: 4, 18: 3, 19: 3])))
        #expect((18..<20).contains((moment - noon).milliseconds / 3_600_000 + 12))
    }

    @Test("the best moment is always before the message expires, also when the best hour begins with its end")
    func beforeExpiry() throws {
        var world = try World("")
        let end = noon + .seconds(2 * 3600)
        let decision = ask(world, timed(&world, within: .seconds(86_400), expiresAt: end), hours: [14: 9])
        let moment = try #require(until(decision))
        #expect(moment > noon && moment < end)
    }

    @Test("the span begins when the message may be sent, and a message that may have been sent does not wait")
    func spanBegins() throws {
        var world = try World("")
        let sendAt = noon + .seconds(6 * 3600)
        let message = timed(&world, within: .seconds(2 * 3600), sendAt: sendAt)
        #expect(until(ask(world, message, at: sendAt, hours: [19: 9])).map { $0 >= noon + .seconds(7 * 3600) } == true)
        #expect(ask(world, message, at: sendAt, hours: [19: 9]) { $0.possibleDuplicate = true }.isSend)
    }
}
