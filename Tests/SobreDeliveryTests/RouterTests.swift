import SobreDelivery
import SobreModel
import Testing

/// A provider that is only asked for its name and channel here.
private struct Named: Provider {
    let name: String
    var channel: Channel = .sms
    var maxText = 1600

    func refusal(of content: RenderedMessage) -> Outcome? {
        guard case .sms(let sms) = content, sms.text.count > maxText else { return nil }
        return Outcome(.contentTooLarge, detail: "\(sms.text.count) of \(maxText) characters")
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
        Router(members: members, routes: [.sms: members.map(\.provider.name)], broken: broken)
    }

    private func name(_ choice: Router.Choice) -> String {
        switch choice {
        case .provider(let provider): provider.name
        case .busy: "busy"
        case .hold(_, let reason, _): "hold \(reason.rawValue)"
        case .refused(let outcome): "refused \(outcome.kind.rawValue)"
        }
    }

    @Test("The first provider of the route is taken, and a retry begins with the next")
    func rotation() {
        let router = router([.init(provider: Named(name: "a")), .init(provider: Named(name: "b"))])
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, to: nil, rotation: 1, at: now)) == "b")
    }

    @Test("A provider whose breaker is open is passed over until its time has come")
    func failover() {
        let settings = CircuitBreaker.Settings(threshold: 1, openFor: .seconds(5))
        let router = router([.init(provider: Named(name: "a"), breaker: settings), .init(provider: Named(name: "b"))])
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        #expect(router.finished("a", outcome: Outcome(.transient), at: now) == true)
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "b")
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now + .seconds(5))) == "a")
    }

    @Test(
        "A fault of a recipient or of the content never opens a breaker and never pauses a provider",
        arguments: Outcome.Kind.allCases.filter {
            $0.rawValue.hasPrefix("recipient.") || $0.rawValue.hasPrefix("content.") || $0 == .permanentUnknown
        })
    func othersFault(kind: Outcome.Kind) {
        let router = router([.init(provider: Named(name: "a"), breaker: .init(threshold: 1))])
        for _ in 0..<50 {
            _ = router.choose(text, to: nil, rotation: 0, at: now)
            #expect(router.finished("a", outcome: Outcome(kind), at: now) == false)
        }
        let status = router.statuses(at: now)[0]
        #expect(status.breaker == .closed && status.pausedUntil == nil && status.inFlight == 0)
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
    }

    @Test(
        "Wrong credentials pause the provider: its messages are held with the reason, and its channel stays open for that"
    )
    func pause() {
        let router = router([.init(provider: Named(name: "a"))])
        _ = router.choose(text, to: nil, rotation: 0, at: now)
        router.finished("a", outcome: Outcome(.auth, detail: "401"), at: now)
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "hold provider_paused")
        #expect(router.openChannels(at: now).contains(.sms))
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now + Router.pauseLength)) == "a")
    }

    @Test("At its rate limit a provider keeps its channel's backlog in the queue")
    func limited() {
        let router = router([.init(provider: Named(name: "a"), rate: 1, burst: 1)])
        #expect(router.room(at: now)[.sms] == 2)  // now, and a second ahead
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "busy")
        #expect(router.handOver(to: "a", at: now) == now)
        #expect(router.handOver(to: "a", at: now) == now + .seconds(1))
        #expect(router.room(at: now)[.sms] == nil)
        #expect(router.statuses(at: now)[0].isLimited)
        #expect(router.room(at: now + .seconds(2))[.sms] == 2)
    }

    @Test("What is decided against costs no place under the rate limit, and the rate is kept all the same")
    func withdrawn() {
        let router = router([.init(provider: Named(name: "a"), rate: 10, burst: 5)])
        for _ in 0..<1_000 {
            guard case .provider = router.choose(text, to: nil, rotation: 0, at: now) else { break }
            router.withdraw("a")
        }
        #expect(router.room(at: now)[.sms] == 15)
        var starts: [Instant] = []
        while case .provider = router.choose(text, to: nil, rotation: 0, at: now) {
            // Two of three are capped.
            if starts.count % 3 == 0 || starts.count > 20 { router.withdraw("a") }
            guard case .provider = router.choose(text, to: nil, rotation: 0, at: now) else { break }
            starts.append(router.handOver(to: "a", at: now))
            if starts.count > 100 { break }
        }
        #expect(starts.count { $0 == now } == 5)
        #expect(zip(starts.dropFirst(4), starts.dropFirst(5)).allSatisfy { $1 - $0 == .milliseconds(100) })
    }

    @Test(
        "Claims are bounded by what is in flight, by the breaker's probes and by the rate; a paused channel's are not")
    func room() {
        let router = router([
            .init(provider: Named(name: "a"), maxInFlight: 7, breaker: .init(threshold: 1, openFor: .seconds(5)))
        ])
        #expect(router.room(at: now)[.sms] == 7)
        _ = router.choose(text, to: nil, rotation: 0, at: now)
        _ = router.choose(text, to: nil, rotation: 0, at: now)
        #expect(router.room(at: now)[.sms] == 5)
        router.finished("a", outcome: Outcome(.transient), at: now)
        #expect(router.room(at: now)[.sms] == nil)
        #expect(router.room(at: now + .seconds(5))[.sms] == 2)
        router.finished("a", outcome: Outcome(.auth), at: now)
        #expect(router.room(at: now)[.sms] == .max)
    }

    @Test("What may have reached the person goes to the same provider again or to nobody")
    func only() {
        let router = router([.init(provider: Named(name: "a")), .init(provider: Named(name: "b"))])
        for rotation in 0..<4 {
            #expect(name(router.choose(text, to: nil, rotation: rotation, only: "b", at: now)) == "b")
        }
        #expect(name(router.choose(text, to: nil, rotation: 0, only: "gone", at: now)) == "refused permanent.unknown")
    }

    @Test("A further device takes a place under the same rate, with the provider that issued its token")
    func join() {
        let router = router([.init(provider: Named(name: "a"), rate: 2), .init(provider: Named(name: "b"))])
        _ = router.choose(text, to: nil, rotation: 0, at: now)
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
        let router = router([.init(provider: Named(name: "a"), maxInFlight: 1)])
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "busy")
        router.finished("a", outcome: Outcome(.accepted), at: now)
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        router.withdraw("a")
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
    }

    @Test("Content that no provider takes is refused before anything is sent")
    func refusal() {
        let router = router([.init(provider: Named(name: "a", maxText: 3))])
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "refused content.too_large")
    }

    @Test("Without a usable provider messages are held and told why")
    func none() {
        let router = Router(members: [], routes: [:], broken: [.sms: "set TWILIO_TOKEN"])
        guard case .hold(_, .noProvider, let detail) = router.choose(text, to: nil, rotation: 0, at: now) else {
            Issue.record("not held")
            return
        }
        #expect(detail == "set TWILIO_TOKEN")
    }

    @Test("A device's own provider is preferred over the route's order")
    func addressProvider() {
        let router = router([.init(provider: Named(name: "a")), .init(provider: Named(name: "b"))])
        let address = Address(channel: .sms, value: "+12025550123", provider: "b")
        #expect(name(router.choose(text, to: address, rotation: 0, at: now)) == "b")
    }
}
