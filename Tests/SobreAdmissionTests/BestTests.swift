import JSON
import SobreAdmission
import SobreModel
import Testing
import ZoneInfo

/// The best channel and the best time, based on a recipient's engagement.
@Suite struct BestTests {
    let noon = World.noon

    private func ask(
        _ world: World, _ message: Message, on channel: Channel? = nil, at now: Instant = World.noon,
        engagement: Engagement = .none, prior: Engagement = .none, attempt: Int = 1
    ) -> AdmissionDecision {
        var facts = world.facts
        facts.engagement = engagement
        facts.prior = prior
        var request = world.request(message, on: channel)
        request.attempt = attempt
        return world.policy.decide(request, facts: facts, conditions: .normal, now: now, explaining: .always)
    }

    /// The channel chosen for a message with `route: best`.
    private func best(
        _ world: inout World, _ channels: [Channel], engagement: Engagement = .none, prior: Engagement = .none
    ) -> Channel? {
        let message = world.message(channels: channels, route: .best)
        switch ask(world, message, engagement: engagement, prior: prior).verdict {
        case .send(let address, _): return address.channel
        case .reroute(let channel): return channel
        default: return nil
        }
    }

    private func counts(_ delivered: UInt32, _ opened: UInt32, _ clicked: UInt32 = 0) -> Engagement.Counts {
        Engagement.Counts(delivered: delivered, opened: opened, clicked: clicked)
    }

    @Test("the channel that the person answers best is taken, the next when it cannot be reached")
    func channel() throws {
        var world = try World("")
        var engagement = Engagement()
        engagement[.email] = counts(100, 5)
        engagement[.sms] = counts(40, 0, 20)
        engagement[.push] = counts(50, 10)
        #expect(best(&world, [.email, .push, .sms], engagement: engagement) == .sms)
        world.profile?.addresses.removeAll { $0.channel == .sms }
        #expect(best(&world, [.email, .push, .sms], engagement: engagement) == .push)
        #expect(best(&world, [.email, .sms], engagement: engagement) == .email)
        // With `first` the same plan keeps its order.
        let first = world.message(channels: [.email, .push])
        #expect(ask(world, first, engagement: engagement).isSend)
    }

    @Test("a person who has not consented to tracking is judged by all people's responses, and the ranks say so")
    func tracking() throws {
        var world = try World("tracking: {requires_consent: true}")
        var engagement = Engagement()
        engagement[.sms] = counts(40, 0, 20)
        let channels: [Channel] = [.email, .sms]
        #expect(best(&world, channels, engagement: engagement) == .email)
        let message = world.message(channels: channels, route: .best)
        let why = try #require(ask(world, message, engagement: engagement).explanation)
        let ranks = try JSONDocument.parse(why).root["message"]?["ranks"]
        #expect(ranks?.elements.map { $0["tracking"]?.string } == ["no_consent", "no_consent"])
        world.profile?.consents.append(Consent(category: "tracking", granted: true, at: .epoch))
        #expect(best(&world, channels, engagement: engagement) == .sms)
    }

    @Test("an hour of the week is read off the person's own clock, else off the policy's")
    func hourOfWeek() throws {
        let policy = try World("", timezone: nil).policy
        // Monday noon in UTC.
        #expect(policy.hourOfWeek(of: Profile(id: "a", timezone: "Asia/Tokyo"), at: noon) == 21)
        #expect(policy.hourOfWeek(of: Profile(id: "a", timezone: "Pacific/Auckland"), at: noon) == 24 + 1)
        let fallback = policy.hourOfWeek(of: nil, at: noon)
        #expect(policy.hourOfWeek(of: Profile(id: "a", timezone: "Mars/Base"), at: noon) == fallback)
        #expect(policy.hourOfWeek(of: Profile(id: "a"), at: noon) == fallback)
        // 1969-12-28 was a Sunday.
        let before = try #require(Instant(rfc3339: "1969-12-28T23:30:00Z"))
        #expect(policy.hourOfWeek(of: Profile(id: "a", timezone: "UTC"), at: before) == 167)
    }

    @Test("one lucky click decides nothing, many do: little is smoothed by what everybody does")
    func smoothed() throws {
        var world = try World("")
        var prior = Engagement()
        prior[.email] = counts(10_000, 3_000)
        prior[.sms] = counts(10_000, 0, 200)
        var lucky = Engagement()
        lucky[.sms] = counts(1, 0, 1)
        #expect(best(&world, [.sms, .email], engagement: lucky, prior: prior) == .email)
        lucky[.sms] = counts(30, 0, 25)
        #expect(best(&world, [.sms, .email], engagement: lucky, prior: prior) == .sms)
    }

    @Test("of equals the cheaper wins, and then the plan's order")
    func ties() throws {
        var world = try World("")
        #expect(best(&world, [.sms, .email, .push]) == .push)
        #expect(best(&world, [.sms, .email]) == .email)
        world.policy = try Policy.parse(text: "channel_costs: { sms: 1, email: 2, push: 3 }")
        #expect(best(&world, [.push, .email, .sms]) == .sms)
        world.policy = try Policy.parse(text: "channel_costs: { sms: 1, email: 1, push: 1 }")
        #expect(best(&world, [.email, .sms, .push]) == .email)
        // Differences below one in a hundred are ignored.
        var engagement = Engagement()
        engagement[.email] = counts(1_000, 300)
        engagement[.sms] = counts(1_000, 303)
        world.policy = try Policy.parse(text: "")
        #expect(best(&world, [.sms, .email], engagement: engagement) == .email)
    }

    @Test("a further attempt stays where it began, and the trace shows the ranks")
    func stays() throws {
        var world = try World("")
        var engagement = Engagement()
        engagement[.email] = counts(100, 90)
        let message = world.message(channels: [.sms, .email], route: .best)
        #expect(ask(world, message, on: .sms, engagement: engagement, attempt: 2).isSend)
        let decision = ask(world, message, on: .sms, engagement: engagement)
        #expect(decision.verdict == .reroute(.email))
        let root = try JSONDocument.parse(try #require(decision.explanation)).root
        let ranks = root["message"]?["ranks"]
        #expect(ranks?[0]?["channel"]?.string == "email" && ranks?[0]?["percent"]?.int == 83)
        #expect(ranks?[1]?["channel"]?.string == "sms" && ranks?[1]?["percent"]?.int == 10)
    }

    // MARK: Best time

    /// An engagement with all events in these hours of the week.
    private func habit(_ hours: [Int], times: Int = 10) -> Engagement {
        var engagement = Engagement()
        for hour in hours { for _ in 0..<times { engagement.record(.opened, on: .email, hourOfWeek: hour) } }
        return engagement
    }

    private func timed(_ world: inout World, within: Duration = .seconds(86_400), expiresAt: Instant? = nil) -> Message
    {
        var message = world.message(expiresAt: expiresAt)
        message.draft.bestTimeWithin = within
        return message
    }

    @Test("it waits for the hour of the week in which the person looks, by the clock on the wall")
    func hour() throws {
        // Monday noon in London is 21:00 in Tokyo; Tuesday 19:00 there is 10:00 UTC.
        var world = try World("", timezone: "Asia/Tokyo")
        let message = timed(&world)
        let decision = ask(world, message, engagement: habit([24 + 19]))
        guard case .hold(let until, .bestTime) = decision.verdict else {
            Issue.record("\(decision.verdict)")
            return
        }
        let begin = Instant(rfc3339: "2026-03-03T10:00:00Z")!
        #expect((begin..<begin + .seconds(3_600)).contains(until))
        #expect(decision.summary == "best time Tuesday 19:00, at \(until)")
        #expect(ask(world, message, at: until, engagement: habit([24 + 19])).isSend)
        #expect(!ask(world, message, at: begin - .milliseconds(1), engagement: habit([24 + 19])).isSend)
        // A retry does not wait for another hour.
        #expect(ask(world, message, engagement: habit([24 + 19]), attempt: 2).isSend)
    }

    @Test("what is not known, what is now, and what is too far away is sent at once")
    func atOnce() throws {
        var world = try World("")
        #expect(ask(world, timed(&world)).isSend)
        #expect(ask(world, timed(&world), engagement: habit([12])).isSend)
        // Wednesday is not within 24 hours of Monday.
        #expect(ask(world, timed(&world), engagement: habit([2 * 24 + 15])).isSend)
        #expect(!ask(world, timed(&world, within: .seconds(3 * 86_400)), engagement: habit([2 * 24 + 15])).isSend)
        // The time is counted from acceptance, a minute before.
        let late = noon + .seconds(86_400)
        #expect(ask(world, timed(&world), at: late, engagement: habit([24 + 14])).isSend)
        #expect(ask(world, world.message(), engagement: habit([15])).isSend)
    }

    @Test("a person of whom little is known looks when everybody does; habit outweighs that")
    func prior() throws {
        var world = try World("")
        let everybody = habit([18], times: 5_000)
        let message = timed(&world)
        guard case .hold(let until, .bestTime) = ask(world, message, prior: everybody).verdict else {
            Issue.record("not held")
            return
        }
        #expect((18..<19).contains((until - Instant(rfc3339: "2026-03-02T00:00:00Z")!).milliseconds / 3_600_000))
        guard
            case .hold(let own, .bestTime) = ask(world, message, engagement: habit([15], times: 40), prior: everybody)
                .verdict
        else {
            Issue.record("not held")
            return
        }
        #expect((own - Instant(rfc3339: "2026-03-02T00:00:00Z")!).milliseconds / 3_600_000 == 15)
    }

    @Test("it obeys quiet hours, pauses and expiry, in any zone and week", arguments: 0..<60)
    func obeys(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 31_000)
        let zone = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"].randomElement(
            using: &random)!
        let from = Int.random(in: 0..<24, using: &random)
        let to = (from + Int.random(in: 1...20, using: &random)) % 24
        func two(_ hour: Int) -> String { hour < 10 ? "0\(hour)" : "\(hour)" }
        var world = try World(
            "quiet_hours: [{ name: q, hours: [{ from: \"\(two(from)):00\", to: \"\(two(to)):00\" }], spread: 0s }]",
            timezone: zone)
        // Weeks with and without a change of the clocks.
        let now =
            Instant(rfc3339: "2026-03-23T00:00:00Z")!
            + .milliseconds(Int64.random(in: 0...5_000_000_000, using: &random))
        let within = Duration.seconds(Int64.random(in: 1...168, using: &random) * 3_600)
        let expiresAt =
            Bool.random(using: &random) ? now + .seconds(Int64.random(in: 60...90_000, using: &random)) : nil
        if Bool.random(using: &random) {
            world.profile?.caps.pauses = [.init(until: now + .seconds(Int64.random(in: 1...50_000, using: &random)))]
        }
        var message = timed(&world, within: within, expiresAt: expiresAt)
        message.acceptedAt = now
        let habits = habit((0..<3).map { _ in Int.random(in: 0..<168, using: &random) })
        var at = now
        var holds = 0
        /// Follows the message through the pipeline to its end.
        while true {
            let decision = ask(world, message, at: at, engagement: habits)
            guard case .hold(let until, let reason) = decision.verdict else {
                if decision.isSend { #expect(!quiet(at)) }
                if case .drop = decision.verdict { #expect(expiresAt != nil) }
                break
            }
            #expect(until > at)
            if reason == .bestTime {
                #expect(until <= now + within && (expiresAt.map { until < $0 } ?? true))
                #expect(!quiet(until) && world.profile!.caps.pauses.allSatisfy { $0.until <= until })
            }
            holds += 1
            at = until
            guard holds < 8 else {
                Issue.record("held again and again")
                break
            }
        }
        func quiet(_ instant: Instant) -> Bool {
            let hour = try! ZoneCatalogue.system.zone(named: zone).local(at: instant.milliseconds / 1_000).hour
            return from < to ? (from..<to).contains(hour) : hour >= from || hour < to
        }
    }

    @Test("those who share an hour do not share a second")
    func spread() throws {
        var world = try World("")
        var seconds: Set<Int64> = []
        for _ in 0..<200 {
            let message = timed(&world)
            if case .hold(let until, .bestTime) = ask(world, message, engagement: habit([20])).verdict {
                seconds.insert(until.milliseconds / 1_000)
            }
        }
        #expect(seconds.count > 100)
    }
}
