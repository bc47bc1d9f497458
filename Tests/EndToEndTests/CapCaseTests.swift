import JSON
import SobreModel
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// Cases in which other products' frequency caps failed, run against the real server and checked by the sandbox's
/// record. The numbers are those of the design's list.
@Suite("Caps where others fail", .serialized)
struct CapCaseTests {
    private static let onceADay = """
        caps: [{name: daily, applies_to: {category: marketing}, limit: 1, window: 1d, on_cap: drop}]
        """

    @Test("Case 1: two campaigns 5 minutes apart, and two at once by many workers: everybody gets exactly one")
    func collidingCampaigns() async throws {
        let bench = try CaseBench("case1", policy: Self.onceADay, faults: "latency=0ms..20ms", dispatch: "workers: 8")
        let now = SystemTime().now()
        try bench.start(at: now)
        try await bench.bed.putProfiles(count: 60)
        // The first thirty recipients get spring now and summer in five minutes, the others both at once.
        try await bench.send((0..<30).map { CaseBench.offer("spring-\($0)", to: $0, campaign: "spring") })
        try await bench.send(
            (0..<8).map { part in
                (30..<60).filter { $0 % 4 == part % 4 }.map { person in
                    let campaign = part < 4 ? "spring" : "summer"
                    return CaseBench.offer("\(campaign)-\(person)", to: person, campaign: campaign)
                }
            })
        try await bench.settle()
        bench.bed.stopServer()
        try bench.start(at: now + .seconds(300))
        try await bench.send((0..<30).map { CaseBench.offer("summer-\($0)", to: $0, campaign: "summer") })
        try await bench.settle()
        let counts = try bench.counts()
        #expect(counts.count == 60)
        #expect(counts.values.allSatisfy { $0 == 1 })
        #expect(try await bench.bed.totals()[.dropped] == 60)
    }

    @Test("Case 2: 150 tagged sends to each under a tag cap of 2: exactly 2, and untagged ones are not counted")
    func tagCap() async throws {
        let bench = try CaseBench(
            "case2",
            policy: "caps: [{name: promo, applies_to: {tags: [promo]}, limit: 2, window: 30d, on_cap: drop}]",
            dispatch: "workers: 8")
        try bench.start()
        try await bench.bed.putProfiles(count: 4)
        try await bench.send(
            (0..<4).map { person in
                (0..<160).map { index in
                    let tags = index % 16 == 0 ? ["news"] : [index % 2 == 0 ? "promo" : "promo/summer", "other"]
                    let channel = ["email", "sms", "push"][index % 3]
                    return CaseBench.offer("\(person)-\(index)", to: person, tags: tags, channel: channel)
                }
            })
        try await bench.settle()
        // Ten of the 160 messages have another tag and are sent.
        #expect(try bench.counts() == Dictionary(uniqueKeysWithValues: (0..<4).map { (TestBed.person($0), 12) }))
        #expect(try await bench.bed.totals()[.dropped] == 4 * 148)
    }

    @Test("Case 3: a provider that answers too late, and whose receipts never come: the cap holds")
    func slowAnswers() async throws {
        let bench = try CaseBench(
            "case3", policy: Self.onceADay, faults: "latency=1500ms", dispatch: "attempt_timeout: 1s, workers: 8")
        try bench.start()
        try await bench.bed.putProfiles(count: 12)
        let messages = (0..<120).map {
            CaseBench.offer("m-\($0)", to: $0 % 12, campaign: "c-\($0 % 5)", channel: ["email", "sms"][$0 / 12 % 2])
        }
        // Each client has messages for all recipients.
        try await bench.send(
            (0..<4).map { part in messages.indices.filter { $0 / 12 % 4 == part }.map { messages[$0] } })
        try await bench.settle()
        let counts = try bench.counts()
        #expect(counts.count == 12)
        #expect(counts.values.allSatisfy { $0 == 1 }, "\(counts)")
        // No answer arrived in time. The outcomes are recorded as unknown and the slots stay taken.
        let totals = try await bench.bed.totals()
        #expect(totals[.unknown] == 12 && totals[.dropped] == 108, "\(totals)")
    }

    @Test("Case 4: editing the tags of a live rule changes no counts")
    func editedTags() async throws {
        func policy(_ tags: String) -> String {
            "caps: [{name: promo, applies_to: {tags: [\(tags)]}, limit: 2, window: 30d, on_cap: drop}]"
        }
        let bench = try CaseBench("case4", policy: policy("promo"))
        try bench.start()
        try await bench.bed.putProfiles(count: 1)
        try await bench.send((0..<3).map { CaseBench.offer("promo-\($0)", to: 0, tags: ["promo"]) })
        try await bench.settle()
        #expect(try bench.accepted().count == 2)
        try await bench.change(policy: policy("promo, sale"))
        try await bench.send([CaseBench.offer("sale-0", to: 0, tags: ["sale"])])
        let refused = try await bench.wait(for: "sale-0") { $0.state == .dropped }
        #expect(refused.detail.contains("promo 2/2"), "\(refused.detail)")
        try await bench.change(policy: policy("promo"))
        try await bench.send([
            CaseBench.offer("sale-1", to: 0, tags: ["sale"]), CaseBench.offer("promo-9", to: 0, tags: ["promo"]),
        ])
        _ = try await bench.wait(for: "sale-1") { $0.state == .sent }
        let again = try await bench.wait(for: "promo-9") { $0.state == .dropped }
        #expect(again.detail.contains("promo 2/2"), "\(again.detail)")
        #expect(try bench.accepted().count == 3)
    }

    @Test("Case 4: a push to three devices is one contact")
    func threeDevices() async throws {
        let bench = try CaseBench(
            "case4-devices", policy: "caps: [{name: two, applies_to: {category: marketing}, limit: 2, window: 1d}]")
        try bench.start()
        let devices = (0..<3).map { "{\"channel\":\"push\",\"address\":\"token-\($0)\"}" }.joined(separator: ",")
        try await bench.bed.putProfiles(["{\"id\":\"person-0\",\"addresses\":[\(devices)]}"])
        for number in 0..<3 {
            try await bench.send([CaseBench.offer("push-\(number)", to: 0, channel: "push")])
            try await bench.settle()
        }
        #expect(try await bench.bed.totals() == [.sent: 2, .dropped: 1])
        let devicesOf = Dictionary(grouping: try bench.accepted(), by: \.reference).mapValues { Set($0.map(\.to)) }
        #expect(devicesOf.count == 2)
        #expect(devicesOf.values.allSatisfy { $0 == ["token-0", "token-1", "token-2"] })
    }

    @Test("Case 7: a shortened window is in force for the next message")
    func shortenedWindow() async throws {
        func policy(_ window: String) -> String {
            "caps: [{name: once, applies_to: {category: marketing}, limit: 1, window: \(window), on_cap: drop}]"
        }
        let bench = try CaseBench("case7", policy: policy("7d"))
        try bench.start()
        try await bench.bed.putProfiles(count: 1)
        try await bench.send([CaseBench.offer("a", to: 0)])
        let first = try await bench.wait(for: "a") { $0.state == .sent }
        try await bench.send([CaseBench.offer("b", to: 0)])
        _ = try await bench.wait(for: "b") { $0.state == .dropped }
        try await bench.change(policy: policy("1s") + "\nloosens: 1\n")
        // The first message must be a second old, which may not be the case yet.
        let deadline = ContinuousClock.now + .seconds(5)
        let next = "\"recipient\":\"\(TestBed.person(0))\",\"template\":\"offer\""
        while try await bench.decide(next)["verdict"]?.string != "send", ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        try await bench.send([CaseBench.offer("c", to: 0)])
        let third = try await bench.wait(for: "c") { $0.state.isFinal }
        #expect(third.state == .sent, "\(third.detail)")
        #expect(third.policyVersion > first.policyVersion)
        #expect(try bench.accepted().count == 2)
    }
}
