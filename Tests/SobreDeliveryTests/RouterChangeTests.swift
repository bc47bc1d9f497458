import SobreDelivery
import SobreModel
import SobreSettings
import Testing

/// A provider that is only chosen, with the settings that it was made with.
private struct Configured: Provider {
    let name: String
    var channel: Channel = .sms
    var token = "old"

    func refusal(of content: RenderedMessage) -> Outcome? { nil }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        Issue.record("routing never sends")
    }
}

@Suite("A router whose providers are changed while it works")
struct RouterChangeTests {
    let now = Instant(milliseconds: 1_000_000)
    var later: Instant { now + .seconds(10) }
    let text = RenderedMessage.sms(SMSContent(text: "Hello"))

    private func member(
        _ name: String, token: String = "old", rate: Double? = nil, burst: Int = 1, concurrency: Int = 2
    ) -> Router.Member {
        Router.Member(
            provider: Configured(name: name, token: token),
            limits: CallLimits(rate: rate, burst: burst, concurrency: concurrency), health: ProviderHealthLimits())
    }

    private func router(_ members: [Router.Member]) -> Router {
        Router(
            members: members, routes: [.sms: ProviderRoute(members.map(\.provider.name))], horizon: .seconds(1),
            recheck: .seconds(60))
    }

    private func change(
        _ router: Router, to members: [Router.Member], changed: Set<String> = [], routes: [String]? = nil
    ) {
        router.change(
            to: members, changed: changed, routes: [.sms: ProviderRoute(routes ?? members.map(\.provider.name))],
            broken: [:], at: later)
    }

    private func choose(_ router: Router, at instant: Instant) -> Configured? {
        let choice = router.choose(text, of: DeliveryID(rawValue: 16), to: nil, rotation: 0, at: instant)
        if case .provider(let provider) = choice { return provider as? Configured }
        return nil
    }

    /// Begins a call and returns its provider.
    private func begin(_ router: Router, at instant: Instant) throws -> Configured {
        let provider = try #require(choose(router, at: instant))
        #expect(router.handOver(to: provider.name, at: instant) != nil)
        #expect(router.begin(provider.name, at: instant) == .now)
        return provider
    }

    private func end(_ router: Router, _ name: String, _ kind: Outcome.Kind, chosenAt: Instant) {
        router.finished(name, outcome: Outcome(kind, detail: "no"), chosenAt: chosenAt, at: later)
        router.freed(name)
    }

    @Test("A call with old settings keeps its place, and its outcome says nothing of the new ones")
    func oldCall() throws {
        let router = router([member("a")])
        #expect(try begin(router, at: now).token == "old")
        change(router, to: [member("a", token: "new")], changed: ["a"])
        #expect(router.statuses(at: later).map(\.inFlight) == [1])
        #expect(try begin(router, at: later).token == "new")
        #expect(choose(router, at: later) == nil, "both places are taken")
        end(router, "a", .auth, chosenAt: now)
        #expect(router.statuses(at: later)[0].condition == .open)
        #expect(router.statuses(at: later)[0].inFlight == 1)
        // The same outcome of a call with the settings in force counts.
        end(router, "a", .auth, chosenAt: later)
        var isBroken = false
        if case .broken(_, .account, _) = router.statuses(at: later)[0].condition { isBroken = true }
        #expect(isBroken)
        #expect(router.statuses(at: later)[0].inFlight == 0)
    }

    @Test("What is known of a provider is kept when others change, and forgotten when its own settings do")
    func health() throws {
        let router = router([member("a"), member("b")])
        _ = try begin(router, at: now)
        end(router, "a", .auth, chosenAt: now)
        func isBroken() -> Bool {
            if case .broken = router.statuses(at: later)[0].condition { true } else { false }
        }
        #expect(isBroken())
        change(router, to: [member("a"), member("b", token: "new")], changed: ["b"])
        #expect(isBroken())
        change(router, to: [member("a", token: "new"), member("b", token: "new")], changed: ["a"])
        #expect(!isBroken())
    }

    @Test("A provider that leaves gets no more calls, ends those that it has, and can come back")
    func leaves() throws {
        let router = router([member("a"), member("b")])
        _ = try begin(router, at: now)
        let chosen = try #require(choose(router, at: now))
        change(router, to: [member("b")])
        #expect(router.statuses(at: later).map(\.name) == ["b"])
        #expect(router.providers == [.sms: ["b"]])
        #expect(choose(router, at: later)?.name == "b")
        // What was chosen for it is still handed over.
        #expect(chosen.name == "a" && router.handOver(to: "a", at: later) != nil)
        #expect(router.begin("a", at: later) == .now)
        for _ in 0..<2 { end(router, "a", .accepted, chosenAt: now) }
        #expect(router.handOver(to: "a", at: later) == nil, "it is forgotten")
        change(router, to: [member("a", concurrency: 1), member("b")], changed: ["a"])
        #expect(try begin(router, at: later).name == "a")
        #expect(router.statuses(at: later).map(\.inFlight) == [1, 1])
    }

    @Test("Routes and concurrency change for the next message")
    func routes() throws {
        let router = router([member("a", concurrency: 1), member("b")])
        #expect(choose(router, at: now)?.name == "a")
        change(router, to: [member("a", concurrency: 1), member("b")], routes: ["b"])
        #expect(choose(router, at: later)?.name == "b")
        change(router, to: [member("a", concurrency: 2), member("b")], routes: ["a"])
        #expect(choose(router, at: later)?.name == "a")
        #expect(choose(router, at: later) == nil)
    }

    @Test("A new rate holds from its change on: no burst beside what was begun, and no wait of the old rate")
    func rate() throws {
        func began(_ old: Double, _ new: Double, burst: Int) -> Int {
            let router = router([member("a", rate: old, burst: burst, concurrency: 100)])
            func count(at instant: Instant) -> Int {
                var count = 0
                while count < 100, choose(router, at: instant) != nil {
                    guard router.handOver(to: "a", at: instant) != nil, router.begin("a", at: instant) == .now else {
                        break
                    }
                    count += 1
                }
                return count
            }
            #expect(count(at: later) == burst)
            change(router, to: [member("a", rate: new, burst: burst, concurrency: 100)])
            return count(at: later + .seconds(1))
        }
        // 5 at the new rate of 2/s after a second: two.
        #expect(began(10, 2, burst: 5) == 2)
        // The old rate would keep it waiting for half a minute.
        #expect(began(1.0 / 60, 10, burst: 3) == 3)
    }
}
