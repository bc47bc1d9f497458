import SobreModel
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// Cases in which other products sent the same content twice.
@Suite("Duplicates where others fail", .serialized)
struct IdentityCaseTests {
    @Test("Case 6: two profiles with one address get one mail, by the cap and by the duplicate rule")
    func sharedAddress() async throws {
        let bench = try CaseBench(
            "case6",
            policy: """
                dedup:
                  - {name: news, applies_to: {campaign: news}, key: [campaign], window: 7d, scope: address}
                caps:
                  - {name: daily, applies_to: {campaign: promo}, limit: 1, window: 1d, on_cap: drop}
                """)
        try bench.start()
        try await bench.bed.putProfiles([
            #"{"id":"person-0","addresses":[{"channel":"email","address":"Shared@Bücher.example"}]}"#,
            #"{"id":"person-1","addresses":[{"channel":"email","address":"shared@xn--bcher-kva.example"}]}"#,
            #"{"id":"person-2","addresses":[{"channel":"email","address":"own@people.example"}]}"#,
        ])
        for campaign in ["news", "promo"] {
            try await bench.send((0..<3).map { CaseBench.offer("\(campaign)-\($0)", to: $0, campaign: campaign) })
        }
        try await bench.settle()
        let mails = try bench.accepted()
        for campaign in ["news", "promo"] {
            let addresses = mails.filter { $0.campaign == campaign }.map { $0.to.lowercased() }
            #expect(addresses.sorted() == ["own@people.example", "shared@xn--bcher-kva.example"], "\(campaign)")
        }
        let reasons = try await bench.bed.log().filter { $0.entry.state == .dropped }.map(\.entry.reason)
        #expect(Set(reasons) == ["duplicate", "frequency_capped"])
    }

    @Test("Case 8: without a dedup key the chosen way holds, and is never silence")
    func missingKey() async throws {
        func rule(_ name: String, _ when: String) -> String {
            """
              - {name: \(name), applies_to: {campaign: \(name)}, key: [campaign, dedup_key], window: 7d,
                 when_missing: \(when)}
            """
        }
        let rules = [rule("skip", "skip"), rule("hold", "hold"), rule("rest", "compare_rest")]
        let bench = try CaseBench("case8", policy: "dedup:\n" + rules.joined(separator: "\n"))
        try bench.start()
        try await bench.bed.putProfiles(count: 1)
        for campaign in ["skip", "hold", "rest"] {
            for number in 0..<2 {
                var message = CaseBench.offer("\(campaign)-\(number)", to: 0, campaign: campaign)
                message.dedupKey = nil
                try await bench.send([message])
            }
        }
        for number in 0..<2 {
            _ = try await bench.wait(for: "skip-\(number)") { $0.state == .sent }
            let held = try await bench.wait(for: "hold-\(number)") { $0.state == .held }
            #expect(held.reason == HoldReason.policyError.rawValue)
            #expect(held.detail.contains("dedup"), "\(held.detail)")
        }
        // Two workers may decide the two in either order: the one that is decided first is sent.
        var ends: [DeliveryState: LogEntry] = [:]
        for number in 0..<2 {
            let end = try await bench.wait(for: "rest-\(number)") { $0.state == .sent || $0.state == .dropped }
            ends[end.state] = end
        }
        #expect(ends[.sent] != nil)
        let dropped = try #require(ends[.dropped])
        #expect(dropped.reason == DropReason.duplicate.rawValue)
        #expect(dropped.detail.contains("rest"), "\(dropped.detail)")
        #expect(try bench.accepted().count == 3)
    }
}
