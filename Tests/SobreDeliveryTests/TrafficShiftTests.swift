import SobreDelivery
import SobreModel
import SobreSettings
import Testing

/// A provider of which only the name is used.
private struct Named: Provider {
    let name: String
    let channel = Channel.sms

    func refusal(of content: RenderedMessage) -> Outcome? { nil }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        Issue.record("routing never sends")
    }
}

@Suite("Routes with weights, and traffic that shifts") struct TrafficShiftTests {
    private static let start = Instant(milliseconds: 1_700_000_000_000)
    private static let text = RenderedMessage.sms(SMSContent(text: "Hello"))

    private func router(_ route: ProviderRoute, _ change: (inout ProviderHealthLimits) -> Void = { _ in }) -> Router {
        var health = ProviderHealthLimits()
        change(&health)
        return Router(
            members: route.names.map {
                Router.Member(
                    provider: Named(name: $0), limits: CallLimits(burst: 1, concurrency: 1_000_000), health: health)
            }, routes: [.sms: route], horizon: .seconds(1), recheck: .seconds(60))
    }

    /// The providers that a number of messages go to, with how many each got.
    private func spread(
        _ router: Router, _ count: Int, rotation: Int = 0, at now: Instant,
        outcome: (String) -> Outcome.Kind = { _ in .accepted }
    ) -> [String: Int] {
        var counts: [String: Int] = [:]
        for number in 0..<count {
            let name = choose(router, Int64(number + 1) * 4096, rotation: rotation, at: now)
            counts[name, default: 0] += 1
            router.finished(name, outcome: Outcome(outcome(name)), at: now)
        }
        return counts
    }

    private func choose(_ router: Router, _ id: Int64, rotation: Int = 0, at now: Instant) -> String {
        guard
            case .provider(let provider) = router.choose(
                Self.text, of: DeliveryID(rawValue: id), to: nil, rotation: rotation, at: now),
            router.handOver(to: provider.name, at: now) != nil
        else { return "none" }
        return provider.name
    }

    @Test func `messages are divided by the weights, to a few in a thousand`() throws {
        let counts = spread(
            router(ProviderRoute(weights: ["a": 70, "b": 20, "c": 10, "spare": 0])), 10_000, at: Self.start)
        for (name, part) in [("a", 7000), ("b", 2000), ("c", 1000)] {
            #expect(abs(counts[name, default: 0] - part) < 200, "\(counts)")
        }
        #expect(counts["spare"] == nil)
    }

    @Test func `a retry of a weighted route goes to another provider, and each message keeps its order`() {
        let router = router(ProviderRoute(weights: ["a": 1, "b": 1, "spare": 0]))
        for id in 1...200 {
            let tried = (0..<3).map { choose(router, Int64(id) * 16, rotation: $0, at: Self.start) }
            #expect(Set(tried) == ["a", "b", "spare"] && tried.last == "spare")
            #expect(choose(router, Int64(id) * 16, at: Self.start) == tried[0])
        }
    }

    @Test func `a provider whose calls fail loses traffic by halves, keeps a probe, and gets it back in steps`() {
        let router = router(["a", "b"]) { $0.failures = 10_000 }
        var now = Self.start
        var parts: [Int] = []
        func interval(failing: Bool) {
            var number = 0
            let counts = spread(router, 1000, at: now) { name in
                number += 1
                return failing && name == "a" && number % 2 == 0 ? .transient : .accepted
            }
            parts.append(counts["a", default: 0])
            now = now + .seconds(5)
        }
        for _ in 0..<8 { interval(failing: true) }
        // Whole, then 50, 25, 12, 6 and 5 percent, where it stays.
        for (part, percent) in zip(parts, [100, 50, 25, 12, 6, 5, 5, 5]) {
            #expect(abs(part - percent * 10) < 60, "\(parts)")
        }
        let status = router.statuses(at: now)[0]
        #expect(status.share == 5 && status.shareReason?.hasSuffix("calls failed") == true)
        parts = []
        for _ in 0..<13 { interval(failing: false) }
        #expect(parts[1] < 300 && parts[5] > 400 && parts[12] == 1000, "\(parts)")
        #expect(router.statuses(at: now)[0].shareReason == nil)
    }

    @Test func `a provider that was broken begins with the least part and comes back`() {
        let router = router(["a", "b"]) { $0.failures = 3 }
        for _ in 0..<3 {
            #expect(choose(router, 16, at: Self.start) == "a")
            router.finished("a", outcome: Outcome(.transient, detail: "HTTP 503"), at: Self.start)
        }
        #expect(spread(router, 100, at: Self.start) == ["b": 100])
        let counts = spread(router, 1000, at: Self.start + .seconds(6))
        #expect((1...250).contains(counts["a", default: 0]), "\(counts)")
        #expect(spread(router, 100, at: Self.start + .seconds(600)) == ["a": 100])
    }

    @Test func `without another provider that can take them, messages stay with the one that fails`() {
        let router = router(["a"]) { $0.failures = 10_000 }
        var now = Self.start
        for _ in 0..<5 {
            #expect(spread(router, 100, at: now) { _ in .transient } == ["a": 100])
            now = now + .seconds(5)
        }
        let status = router.statuses(at: now)[0]
        #expect(status.share == 100 && status.shareReason == nil)
    }

    @Test func `late receipts shift traffic, and receipts in time bring it back`() {
        let router = router(ProviderRoute(weights: ["a": 50, "b": 50])) { $0.lateAfter = .seconds(60) }
        var now = Self.start
        func reports(after delay: Duration, intervals: Int) {
            for _ in 0..<intervals {
                for _ in 0..<50 { router.delivered(by: "a", after: delay, at: now) }
                now = now + .seconds(5)
                router.delivered(by: "a", after: delay, at: now)
            }
        }
        reports(after: .seconds(61), intervals: 3)
        let status = router.statuses(at: now)[0]
        #expect(status.share < 30)
        #expect(status.shareReason == "51 of 51 messages took more than 1 minute to arrive")
        #expect(spread(router, 1000, at: now)["a", default: 0] < 300)
        reports(after: .seconds(60), intervals: 50)
        #expect(router.statuses(at: now)[0].share == 100)
    }

    @Test func `what a recipient or a message is to blame for shifts nothing`() {
        let router = router(["a", "b"])
        var now = Self.start
        for kind in [Outcome.Kind.recipientInvalid, .contentRejected, .permanentUnknown] {
            for _ in 0..<3 {
                #expect(spread(router, 100, at: now) { _ in kind } == ["a": 100])
                now = now + .seconds(5)
            }
        }
        #expect(router.statuses(at: now)[0].share == 100)
    }
}
