import SobreDelivery
import SobreModel
import SobreSettings
import Testing

/// A provider of which only the name, the channel and the text limit are used here.
private struct Named: Provider {
    let name: String
    var channel: Channel = .sms
    var maxText = 1600
    var refusedCountry: String?

    func refusal(of content: RenderedMessage) -> Outcome? {
        guard case .sms(let sms) = content, sms.text.count > maxText else { return nil }
        return Outcome(.contentTooLarge, detail: "\(sms.text.count) of \(maxText) characters")
    }

    func refusal(of content: RenderedMessage, to address: Address) -> Outcome? {
        if let refusedCountry, address.value.hasPrefix(refusedCountry) { return Outcome(.senderRejected) }
        return refusal(of: content)
    }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        Issue.record("routing never sends")
    }
}

@Suite("Router")
struct RouterTests {
    let now = Instant(milliseconds: 1_000_000)
    let text = RenderedMessage.sms(SMSContent(text: "Hello"))

    private func router(
        _ members: [Router.Member], broken: [Channel: String] = [:]
    ) -> Router {
        Router(
            members: members, routes: [.sms: ProviderRoute(members.map(\.provider.name))], broken: broken,
            horizon: .seconds(1),
            recheck: .seconds(60))
    }

    private func member(
        _ name: String, maxText: Int = 1600, rate: Double? = nil, burst: Int = 1, concurrency: Int = 512,
        failures: Int = 10, refusedCountry: String? = nil
    ) -> Router.Member {
        var health = ProviderHealthLimits()
        health.failures = failures
        return Router.Member(
            provider: Named(name: name, maxText: maxText, refusedCountry: refusedCountry),
            limits: CallLimits(rate: rate, burst: burst, concurrency: concurrency), health: health)
    }

    private func name(_ choice: Router.Choice) -> String {
        switch choice {
        case .provider(let provider): provider.name
        case .busy: "busy"
        case .paused(let name): "paused \(name)"
        case .hold(_, let reason, _): "hold \(reason.rawValue)"
        case .refused(let outcome): "refused \(outcome.kind.rawValue)"
        }
    }

    @Test("A provider that does not take a message to an address gives it to the next, or says why")
    func refusesAddress() {
        let router = router([member("b", refusedCountry: "+1"), member("a")])
        let delivery = MessageID(rawValue: 1 << 21).delivery(0)
        func chosen(_ number: String, _ router: Router) -> String {
            name(
                router.choose(
                    text, of: delivery, to: Address(channel: .sms, value: number), rotation: 0, at: now))
        }
        #expect(chosen("+12025550100", router) == "a")
        #expect(chosen("+33612345678", router) == "b")
        let alone = self.router([member("b", refusedCountry: "+1")])
        #expect(chosen("+12025550100", alone) == "refused sender.rejected")
    }

    @Test("A provider that an operator has paused takes nothing, and is named when no other one can take the message")
    func pausedByOperator() {
        let router = router([member("a", concurrency: 2), member("b", maxText: 3, concurrency: 2)])
        func choose(_ text: String, _ paused: Set<String>) -> String {
            name(
                router.choose(
                    .sms(SMSContent(text: text)), of: DeliveryID(rawValue: 16), to: nil, rotation: 0,
                    isPaused: { paused.contains($0) }, at: now))
        }
        #expect(choose("Hi", []) == "a")
        #expect(choose("Hi", ["a"]) == "b")
        #expect(choose("Hi", ["a", "b"]) == "paused a")
        // The other one cannot take this text.
        #expect(choose("Hello", ["a"]) == "paused a")
        #expect(router.room(at: now, without: ["a"])[.sms] == 1)
        #expect(choose("Hi", ["a"]) == "b")
        #expect(router.room(at: now, without: ["a"])[.sms] == nil)
        // One that is busy is waited for.
        #expect(choose("Hi", ["a"]) == "busy")
        // Without a provider they are claimed to be held.
        #expect(router.room(at: now, without: ["a", "b"])[.sms] == .max)
        let address = Address(channel: .sms, value: "+44", provider: "b")
        #expect(router.join(text, to: address, beside: "a", isPaused: { $0 == "b" }, at: now) == nil)
        #expect(router.providers == [.sms: ["a", "b"]])
    }

    @Test("The first provider of the route is taken, and a retry begins with the next")
    func rotation() {
        let router = router([member("a"), member("b")])
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 1, at: now)) == "b")
    }

    @Test("A provider whose breaker is open is passed over until its time has come")
    func failover() {
        let router = router([member("a", failures: 1), member("b")])
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
        #expect(router.finished("a", outcome: Outcome(.transient), at: now).isWorse)
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "b")
        // It gets few messages at first.
        #expect(
            (1...Int64(400)).contains {
                let id = DeliveryID(rawValue: $0 * 16)
                return name(router.choose(text, of: id, to: nil, rotation: 0, at: now + .seconds(5))) == "a"
            })
    }

    @Test(
        "A fault of a recipient or of the content never opens a breaker and never pauses a provider",
        arguments: Outcome.Kind.allCases.filter {
            $0.rawValue.hasPrefix("recipient.") || $0.rawValue.hasPrefix("content.") || $0 == .permanentUnknown
        })
    func othersFault(kind: Outcome.Kind) {
        let router = router([member("a", failures: 1)])
        for _ in 0..<50 {
            _ = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
            #expect(!router.finished("a", outcome: Outcome(kind), at: now).isWorse)
        }
        let status = router.statuses(at: now)[0]
        #expect(status.condition == .open && status.inFlight == 0)
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
    }

    @Test(
        "Wrong credentials pause the provider: its messages are held with the reason, and its channel stays open for that"
    )
    func pause() {
        let router = router([member("a")])
        _ = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
        router.finished("a", outcome: Outcome(.auth, detail: "401"), at: now)
        #expect(
            name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now))
                == "hold provider_paused")
        #expect(router.openChannels(at: now).contains(.sms))
        #expect(
            name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now + .seconds(60))) == "a"
        )
    }

    @Test("At its rate limit a provider keeps its channel's backlog in the queue")
    func limited() {
        let router = router([member("a", rate: 1, burst: 1)])
        #expect(router.room(at: now)[.sms] == 2)  // now, and one second ahead
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "busy")
        #expect(router.handOver(to: "a", at: now) == now)
        #expect(router.handOver(to: "a", at: now) == now + .seconds(1))
        #expect(router.room(at: now)[.sms] == nil)
        #expect(router.statuses(at: now)[0].condition == .limited(until: now + .seconds(1)))
        #expect(router.begin("a", at: now) == .now)
        #expect(router.begin("a", at: now) == .later(now + .seconds(1)))
        #expect(router.begin("a", at: now + .seconds(1)) == .now)
        #expect(router.room(at: now + .seconds(2))[.sms] == 2)
    }

    @Test("What is decided against costs no place under the rate limit, and the rate is kept all the same")
    func withdrawn() throws {
        let router = router([member("a", rate: 10, burst: 5)])
        for _ in 0..<1_000 {
            guard case .provider = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
            else { break }
            router.withdraw("a")
        }
        #expect(router.room(at: now)[.sms] == 15)
        var starts: [Instant] = []
        while case .provider = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now) {
            // Two of three messages are capped.
            if starts.count % 3 == 0 || starts.count > 20 { router.withdraw("a") }
            guard case .provider = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
            else { break }
            starts.append(try #require(router.handOver(to: "a", at: now)))
            if starts.count > 100 { break }
        }
        #expect(starts.count { $0 == now } == 5)
        #expect(zip(starts.dropFirst(4), starts.dropFirst(5)).allSatisfy { $1 - $0 == .milliseconds(100) })
    }

    @Test(
        "Claims are bounded by what is in flight, by the breaker's probes and by the rate; a paused channel's are not")
    func room() {
        let router = router([
            member("a", concurrency: 7, failures: 1)
        ])
        #expect(router.room(at: now)[.sms] == 7)
        _ = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
        _ = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
        #expect(router.room(at: now)[.sms] == 5)
        router.finished("a", outcome: Outcome(.transient), at: now)
        #expect(router.room(at: now)[.sms] == nil)
        #expect(router.room(at: now + .seconds(5))[.sms] == 2)
        router.finished("a", outcome: Outcome(.auth), at: now)
        #expect(router.room(at: now)[.sms] == .max)
    }

    @Test("What may have reached the person goes to the same provider again or to nobody")
    func only() {
        let router = router([member("a"), member("b")])
        for rotation in 0..<4 {
            #expect(
                name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: rotation, only: "b", at: now))
                    == "b")
        }
        #expect(
            name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, only: "gone", at: now))
                == "refused permanent.unknown")
    }

    @Test("A further device takes a place under the same rate, with the provider that issued its token")
    func join() {
        let router = router([member("a", rate: 2), member("b")])
        _ = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
        #expect(router.handOver(to: "a", at: now) == now)
        let plain = Address(channel: .sms, value: "+12025550123")
        let second = router.join(text, to: plain, beside: "a", at: now)
        #expect(second?.provider.name == "a" && second?.startAt == now + .milliseconds(500))
        let own = router.join(
            text, to: Address(channel: .sms, value: "+12025550124", provider: "b"), beside: "a", at: now)
        #expect(own?.provider.name == "b" && own?.startAt == now)
        router.finished("b", outcome: Outcome(.auth), at: now)
        let paused = router.join(
            text, to: Address(channel: .sms, value: "+12025550124", provider: "b"), beside: "a", at: now)
        #expect(paused == nil)
        #expect(router.statuses(at: now).map(\.inFlight) == [2, 0])
    }

    @Test("At its concurrency limit a provider is busy until a call ends")
    func concurrency() {
        let router = router([member("a", concurrency: 1)])
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "busy")
        router.finished("a", outcome: Outcome(.accepted), at: now)
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
        router.withdraw("a")
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
    }

    @Test("A message is admitted ahead only where no provider has a free call, and for the first of the route")
    func ahead() {
        var first = member("a", concurrency: 1)
        first.limits.ahead = AheadBounds(reach: .milliseconds(500), most: 8)
        let router = router([first, member("b", concurrency: 1)])
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "a")
        #expect(router.handOver(to: "a", at: now) == now && router.begin("a", at: now) == .now)
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "b")
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 1, at: now)) == "a")
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "busy")
        // The next one begins when the call has ended.
        #expect(router.handOver(to: "a", at: now) == now && router.begin("a", at: now) == .full)
        router.finished("a", outcome: Outcome(.accepted), at: now)
        router.freed("a")
        #expect(router.begin("a", at: now) == .now)
    }

    @Test("Content that no provider takes is refused before anything is sent")
    func refusal() {
        let router = router([member("a", maxText: 3)])
        #expect(
            name(router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now))
                == "refused content.too_large")
    }

    @Test("Without a usable provider messages are held and told why")
    func none() {
        let router = Router(
            members: [], routes: [:], broken: [.sms: "set TWILIO_TOKEN"], horizon: .seconds(1), recheck: .seconds(60))
        guard
            case .hold(_, .noProvider, let detail) = router.choose(
                text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
        else {
            Issue.record("not held")
            return
        }
        #expect(detail == "set TWILIO_TOKEN")
    }

    @Test("A device's own provider is preferred over the route's order")
    func addressProvider() {
        let router = router([member("a"), member("b")])
        let address = Address(channel: .sms, value: "+12025550123", provider: "b")
        #expect(name(router.choose(text, of: DeliveryID(rawValue: 16), to: address, rotation: 0, at: now)) == "b")
    }

    @Test("A limited provider has no room, says when it has again, and the next of the route takes over")
    func limitedProvider() {
        let alone = router([member("a")])
        _ = alone.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
        alone.finished("a", outcome: Outcome(.throttled, retryAfter: .seconds(30)), at: now)
        #expect(alone.room(at: now)[.sms] == nil)
        #expect(alone.nextRoom(at: now) == now + .seconds(30))
        #expect(name(alone.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)) == "busy")
        #expect(alone.reopens(.sms, to: nil, only: nil, at: now) == now + .seconds(30))
        #expect(alone.room(at: now + .seconds(30))[.sms] == 2)
        let two = router([member("a"), member("b")])
        _ = two.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now)
        two.finished("a", outcome: Outcome(.throttled, retryAfter: .seconds(30)), at: now)
        #expect(two.reopens(.sms, to: nil, only: nil, at: now) == nil)
        #expect(two.reopens(.sms, to: nil, only: "a", at: now) == now + .seconds(30))
        for rotation in 0..<4 {
            #expect(name(two.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: rotation, at: now)) == "b")
        }
        let own = Address(channel: .sms, value: "+12025550123", provider: "a")
        #expect(
            name(two.choose(text, of: DeliveryID(rawValue: 16), to: own, rotation: 0, at: now))
                == "hold provider_limited")
    }

    @Test("A call that was chosen before its provider asked for less is not handed over")
    func chosenBefore() {
        let router = router([member("a")])
        for _ in 0..<2 { _ = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: now) }
        #expect(router.handOver(to: "a", at: now) == now)
        router.finished("a", outcome: Outcome(.throttled, retryAfter: .seconds(30)), at: now)
        #expect(router.handOver(to: "a", at: now) == nil)
        router.abandoned("a")
        #expect(!router.mayCall("a", at: now) && router.mayCall("a", at: now + .seconds(30)))
        #expect(router.statuses(at: now)[0].inFlight == 0)
    }
}
