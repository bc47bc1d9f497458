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

    func send(_ parcel: Parcel, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void) {
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
        case .provider(let provider, _): provider.name
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

    @Test("A recipient's own fault never opens a breaker")
    func recipientsFault() {
        let router = router([.init(provider: Named(name: "a"), breaker: .init(threshold: 1))])
        for _ in 0..<50 {
            _ = router.choose(text, to: nil, rotation: 0, at: now)
            #expect(router.finished("a", outcome: Outcome(.recipientInvalid), at: now) == false)
        }
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
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")  // reserved a second ahead
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "busy")
        #expect(!router.openChannels(at: now).contains(.sms))
        #expect(router.openChannels(at: now + .seconds(2)).contains(.sms))
    }

    @Test("At its concurrency limit a provider is busy until a call ends")
    func concurrency() {
        let router = router([.init(provider: Named(name: "a"), maxInFlight: 1)])
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "busy")
        router.finished("a", outcome: Outcome(.accepted), at: now)
        #expect(name(router.choose(text, to: nil, rotation: 0, at: now)) == "a")
        router.abandoned("a")
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
