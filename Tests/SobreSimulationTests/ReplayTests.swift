import SobreAdmission
import SobreModel
import Testing

@testable import SobreSimulation

@Suite("A replay, by hand") struct ReplayTests {
    /// One message a day for ten days, with five kinds of rules. The expected results were worked out by hand.
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var policy: String
        var sent: Int
        var held = 0
        var sentAfterHold = 0
        var dropped = 0
        var expired = 0
    }

    static let cases = [
        Case(testDescription: "no rule", policy: "{}", sent: 10),
        // Sent on days 0 1 | 7 8. Day 7 is free, because a window of a week is half-open.
        Case(
            testDescription: "two a week, the others dropped",
            policy: "caps: [{ name: c, limit: 2, window: 7d, on_cap: drop }]", sent: 4, dropped: 6),
        // Two on each of days 0 1 7 8 14 15 21 22 28 29: all ten are sent, eight of them late.
        Case(
            testDescription: "two a week, the others held",
            policy: "caps: [{ name: c, limit: 2, window: 7d, on_cap: hold }]", sent: 10, held: 8, sentAfterHold: 8),
        // As before, but each message expires after three days. Days 0 1 are sent. 2 3 4 could be sent on day 7 at the
        // earliest, which is too late. 5 6 wait and are sent on 7 8. 7 waits for day 8, which 6 has taken. 8 9 would
        // have to wait for day 14.
        Case(
            testDescription: "two a week, held for three days at most",
            policy: """
                categories: { marketing: { consent: none, expires_after: 3d } }
                caps: [{ name: c, limit: 2, window: 7d, on_cap: hold }]
                """, sent: 4, held: 3, sentAfterHold: 2, dropped: 6),
        // Sunday is 8 March, day 6. Its message of noon is sent a minute later.
        Case(
            testDescription: "quiet Sunday mornings",
            policy: """
                quiet_hours: [{ name: q, hours: [{ days: sunday, from: "00:00", to: "12:01" }], spread: 0s }]
                """, sent: 10, held: 1, sentAfterHold: 1),
        Case(
            testDescription: "the same offer once in four days",
            policy: "dedup: [{ name: d, key: [campaign, template], window: 4d }]", sent: 3, dropped: 7),
        Case(
            testDescription: "a category that nobody agreed to gets nothing but what needs no consent",
            policy:
                "categories: { marketing: { consent: none, obeys_caps: false } }\ncaps: [{ name: c, limit: 0, window: 1d }]",
            sent: 10),
        Case(
            testDescription: "nothing at all", policy: "caps: [{ name: c, limit: 0, window: 1d }]", sent: 0, dropped: 10
        ),
        Case(
            testDescription: "nobody is in the experiment",
            policy: "control_groups: [{ name: g, applies_to: { campaign: spring }, percent: 100 }]", sent: 0,
            dropped: 10),
    ]

    @Test(arguments: cases) func `ten days give the numbers that pen and paper give`(expected: Case) throws {
        var world = World()
        for day in 0..<10 { try world.ask(at: World.noon + .seconds(Int64(day) * 86_400)) }
        let total = try world.tally(expected.policy).total
        #expect(total.requested == 10)
        #expect(total.sent == expected.sent)
        #expect(total.held == expected.held)
        #expect(total.sentAfterHold == expected.sentAfterHold)
        #expect(total.dropped == expected.dropped)
        #expect(total.expired == expected.expired)
        #expect(total.waiting == 0)
    }

    @Test func `what is held goes at the computed instant, in the order of priority`() throws {
        var world = World()
        try world.ask(at: World.noon, campaign: "first")
        try world.ask(at: World.noon + .seconds(60), campaign: "low", priority: .low)
        try world.ask(at: World.noon + .seconds(120), campaign: "high", priority: .high)
        let ends = try world.ends("caps: [{ name: c, limit: 1, window: 1d, on_cap: hold }]")
        let log = world.sealed()
        let campaigns = ends.map { end in
            log.kinds[Int(log.entries.first { $0.id == end.delivery.message.rawValue }!.kind)].campaign
        }
        #expect(campaigns == ["first", "high", "low"])
        #expect(ends.map(\.at) == [World.noon, World.noon + World.day, World.noon + World.day + World.day])
    }

    @Test func `a full channel gives way to the next of the plan`() throws {
        var world = World()
        for hour in 0..<3 {
            try world.ask(
                at: World.noon + .seconds(Int64(hour) * 3600), campaign: "c\(hour)", channels: [.sms, .email])
        }
        let total = try world.tally(
            "caps: [{ name: c, applies_to: { channel: sms }, limit: 1, window: 7d, on_cap: next_channel }]"
        ).total
        #expect(total.sentOn[.sms] == 1 && total.sentOn[.email] == 2)
    }

    @Test func `every channel of every plan is counted under its own name`() throws {
        for channel in Channel.allCases {
            var world = World()
            for others in Channel.allCases { try world.ask(at: World.noon, channels: [channel, others].uniqued()) }
            try world.ask("bob", at: World.noon, channels: Channel.allCases, route: .all)
            let total = try world.tally("{}").total
            for other in Channel.allCases {
                #expect(total.sentOn[other] == (other == channel ? Channel.allCases.count + 1 : 1))
            }
            #expect(total.sent == 2 * Channel.allCases.count)
        }
    }

    @Test func `deliveries of one message on several channels are no duplicates of each other`() throws {
        var world = World()
        try world.ask(at: World.noon, channels: [.email, .push], route: .all)
        try world.ask(at: World.noon + World.hour, channels: [.email, .push], route: .all)
        let total = try world.tally("dedup: [{ name: d, key: [campaign], window: 7d }]").total
        #expect(total.requested == 4 && total.sent == 2 && total.dropped == 2)
    }

    @Test func `an escalation goes on to the next channel when its patience ends`() throws {
        var world = World()
        try world.ask(
            at: World.noon, channels: [.push, .sms], route: .escalate,
            escalation: Escalation(after: .seconds(7200), until: .opened))
        let ends = try world.ends("{}")
        #expect(ends.map(\.channel) == [.push, .sms])
        #expect(ends.map(\.at) == [World.noon, World.noon + .seconds(7200)])
    }

    @Test func `two people with one mailbox are one for the caps`() throws {
        var world = World()
        for (index, name) in ["ann", "bob", "ann"].enumerated() {
            try world.ask(name, at: World.noon + .seconds(Int64(index)), campaign: "c\(index)")
        }
        world.log = world.sealed()
        for name in ["ann", "bob"] {
            world.population.add(
                Profile(
                    id: name,
                    addresses: [Address(channel: .email, value: name == "ann" ? "home@x.example" : "Home@x.example")],
                    consents: [Consent(category: "marketing", granted: true)]), in: world.log)
        }
        let policy = try Policy.parse(text: "caps: [{ name: c, limit: 1, window: 7d }]")
        let tally = Replay(world.log, population: world.population).run(under: policy)
        #expect(tally.total.sent == 1 && tally.total.dropped == 2)
    }

    /// Requests to Ann and Bob, who share a mailbox and have numbers of their own.
    private func sharing(_ asked: [(String, Channel)], _ policy: String, holdsAlone: [String] = []) throws -> Tally {
        var world = World()
        for (index, request) in asked.enumerated() {
            try world.ask(
                request.0, at: World.noon + .seconds(Int64(index)), campaign: "c\(index)", channels: [request.1])
        }
        world.log = world.sealed()
        var profiles: [Profile] = []
        for (index, name) in (["ann", "bob"] + holdsAlone).enumerated() {
            profiles.append(
                Profile(
                    id: name,
                    addresses: [
                        Address(channel: .email, value: "home@x.example"),
                        Address(channel: .sms, value: "+3361234567\(index)"),
                    ], consents: [Consent(category: "marketing", granted: true)],
                    caps: holdsAlone.contains(name) ? RecipientCaps(limits: [.init(rule: "c", limit: 1)]) : .none))
        }
        for profile in profiles { world.population.add(profile, in: world.log) }
        #expect(world.population.mayLackHolders == !holdsAlone.isEmpty)
        for profile in profiles { world.population.addHolder(profile, in: world.log) }
        return Replay(world.log, population: world.population).run(under: try Policy.parse(text: policy))
    }

    @Test func `three SMS to one and a mail to the other with the same mailbox, in either order`() throws {
        let policy = "caps: [{ name: c, limit: 3, window: 7d }]"
        let texts = [("ann", Channel.sms), ("ann", .sms), ("ann", .sms)]
        for asked in [texts + [("bob", .email)], [("bob", .email)] + texts] {
            let tally = try sharing(asked, policy)
            #expect(tally.total.sent == 3 && tally.total.dropped == 1)
        }
        // Bob's own SMS are no affair of Ann's.
        #expect(try sharing(texts + [("bob", .sms)], policy).total.sent == 4)
    }

    @Test func `a profile without requests is judged too when it holds an address of a recipient`() throws {
        let policy = "caps: [{ name: c, limit: 3, window: 7d }]"
        let mails = [("ann", Channel.email), ("bob", .email)]
        #expect(try sharing(mails, policy).total.sent == 2)
        #expect(try sharing(mails, policy, holdsAlone: ["cy"]).total.sent == 1)
    }

    @Test func `an alias is the person`() throws {
        var world = World()
        try world.ask("visitor-1", at: World.noon)
        try world.ask("ann", at: World.noon + World.hour)
        world.log = world.sealed()
        world.population.add(
            Profile(
                id: "ann", addresses: [Address(channel: .email, value: "ann@x.example")],
                consents: [Consent(category: "marketing", granted: true)], aliases: ["visitor-1"]), in: world.log)
        let replay = Replay(world.log, population: world.population)
        let tally = replay.run(under: try Policy.parse(text: "caps: [{ name: c, limit: 1, window: 7d }]"))
        #expect(tally.total.sent == 1)
        #expect(replay.scope.people == 1 && replay.scope.withoutProfile == 0)
    }

    @Test func `consents, suppressions and missing addresses count as in life`() throws {
        var world = World()
        for name in ["yes", "no", "stopped", "nowhere"] { try world.ask(name, at: World.noon) }
        world.log = world.sealed()
        for name in ["yes", "no", "stopped", "nowhere"] {
            world.population.add(
                Profile(
                    id: name,
                    addresses: name == "nowhere" ? [] : [Address(channel: .email, value: "\(name)@x.example")],
                    consents: [Consent(category: "marketing", granted: name != "no")]), in: world.log)
        }
        world.population.add(
            Suppression(
                subject: .recipient("stopped"), label: "stopped", reason: .unsubscribed, source: "test", at: .epoch))
        let tally = Replay(world.log, population: world.population).run(under: try Policy.parse(text: "{}"))
        #expect(tally.reasons.map(\.reason) == ["no_address", "no_consent", "suppressed"])
        #expect(tally.total.sent == 1)
        // Without a policy only reachability counts.
        #expect(Replay(world.log, population: world.population).run(under: nil).total.sent == 3)
    }

    @Test func `strangers are reached or unknown, as the log has it`() throws {
        var world = World()
        try world.ask(at: World.noon, category: "news", channels: [.sms])
        #expect(try world.tally("{}").total.sentOn[.sms] == 1)
        world.population.missingProfiles = .unknown
        #expect(try world.tally("{}").reasons.map(\.reason) == ["unknown_recipient"])
    }

    @Test func `requests before the time in question fill the caps and are not counted`() throws {
        var world = World()
        for day in 0..<4 { try world.ask(at: World.noon + .seconds(Int64(day) * 86_400)) }
        let tally = try world.tally(
            "caps: [{ name: c, limit: 2, window: 7d }]", from: World.noon + World.day,
            to: World.noon + .seconds(3 * 86_400))
        #expect(tally.total.requested == 2 && tally.total.sent == 1 && tally.total.dropped == 1)
    }

    @Test func `messages held by a policy error wait until the policy is fixed`() throws {
        var world = World()
        try world.ask(at: World.noon)
        let tally = try world.tally("dedup: [{ name: d, key: [dedup_key], window: 1d, when_missing: hold }]")
        #expect(tally.total.waiting == 1)
    }

    @Test func `requests are put in order of time, whatever the order of the file`() throws {
        var world = World()
        for day in [3, 1, 2, 0] { try world.ask(at: World.noon + .seconds(Int64(day) * 86_400), campaign: "c\(day)") }
        let ends = try world.ends("caps: [{ name: c, limit: 2, window: 2d, on_cap: hold }]")
        #expect(ends.compactMap(\.at) == (0..<4).map { World.noon + .seconds(Int64($0) * 86_400) })
    }

    @Test func `a scheduled request keeps the time at which it was accepted`() throws {
        let policy = try Policy.parse(text: "{}")
        let sendAt = World.noon + .seconds(7_200)
        let message = Message(
            id: MessageID(rawValue: 1 << 21), acceptedAt: World.noon,
            draft: MessageDraft(
                recipient: "ann", template: "receipt", category: "transactional", channels: [.email], sendAt: sendAt))
        var log = RequestLog()
        try log.append(message)
        log.seal()
        // The data were restored between the two: the message may have been sent after the backup.
        var run = ReplayRun(
            Replay(log, population: Population()), policy: policy,
            conditions: AdmissionConditions(restoredAt: World.noon + .seconds(3_600)))
        let ann = Profile(id: "ann", addresses: [Address(channel: .email, value: "ann@example.com")])
        let place = run.join(0, AdmissionFacts(profile: ann))
        let judgement = run.judge(
            ReplayRun.Delivery(entry: 0, id: message.id.delivery(0)), place, under: policy, at: sendAt)
        #expect(judgement.verdict == .hold(until: sendAt + .seconds(900), .restored))
    }

    @Test func `a log takes no more than it was made for`() throws {
        var world = World()
        world.log = RequestLog(capacity: 1)
        try world.ask(at: World.noon)
        #expect(throws: RequestLogFull(capacity: 1)) { try world.ask(at: World.noon) }
    }

    @Test func `Test messages count nowhere`() throws {
        var world = World()
        let draft = MessageDraft(recipient: "ann", template: "offer", category: "transactional", channels: [.email])
        var test = draft
        test.isTest = true
        try world.log.append(draft, at: World.noon)
        try world.log.append(test, at: World.noon + .seconds(1))
        try world.log.append(Message(id: MessageID(rawValue: 1 << 40), acceptedAt: World.noon, draft: test))
        let log = world.sealed()
        #expect(log.count == 1)
        #expect(log.tests == 2)
        let tally = try Replay(log, population: world.population).run(under: Policy.parse(text: "{}"))
        #expect(tally.total.requested == 1)
        #expect(tally.total.sent == 1)
    }

    @Test(arguments: [
        "caps: [{ name: a, limit: 0, window: 1d, on_cap: hold }]",
        #"quiet_hours: [{ name: a, hours: [{ from: "0:00", to: "24:00" }] }]"#,
    ])
    func `What is held without an end waits at the end, decided once`(yaml: String) throws {
        var world = World()
        try world.ask(at: World.noon)
        let tally = try world.tally(yaml)
        #expect(tally.total.waiting == 1)
        #expect(tally.total.dropped == 0)
        #expect(tally.decisions == 1)
    }
}

extension [Channel] {
    /// Each channel once, in the order of first occurrence.
    fileprivate func uniqued() -> [Channel] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
