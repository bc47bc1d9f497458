import JSON
import SobreAdmission
import SobreModel
import SobreSQLite
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// Every capped message has a reason that can be shown and computed again.
@Suite("Reasons where others are silent", .serialized)
struct ExplanationCaseTests {
    @Test(
        "Case 11: every capped message names rule, version, the blocking messages and the next slot; a replay is equal")
    func everyReason() async throws {
        let policy = """
            caps:
              - {name: daily, applies_to: {category: marketing}, limit: 2, window: 1d, on_cap: drop}
              - {name: by-sms, applies_to: {category: marketing, channel: sms}, limit: 1, window: 7d, on_cap: hold}
            """
        let bench = try CaseBench("case11", policy: policy)
        try bench.start()
        try await bench.bed.putProfiles(count: 5)
        try await bench.send((0..<5).map { CaseBench.offer("sms-\($0)", to: $0, channel: "sms") })
        try await Self.waitForSent(5, bench)
        try await bench.send((0..<5).map { CaseBench.offer("held-\($0)", to: $0, channel: "sms") })
        for person in 0..<5 { _ = try await bench.wait(for: "held-\(person)") { $0.state == .held } }
        try await bench.send((0..<5).map { CaseBench.offer("mail-\($0)", to: $0) })
        try await Self.waitForSent(10, bench)
        try await bench.send((0..<20).map { CaseBench.offer("more-\($0)", to: $0 % 5) })
        for index in 0..<20 { _ = try await bench.wait(for: "more-\(index)") { $0.state == .dropped } }

        let sent = Dictionary(grouping: try bench.accepted()) { $0.person ?? "" }
        let capped = try await bench.bed.log().filter { $0.entry.reason == DropReason.frequencyCapped.rawValue }
        #expect(capped.count == 25)
        for row in capped {
            let root = try JSONDocument.parse(try #require(row.entry.explanation)).root
            #expect(root["policy_version"]?.int == row.entry.policyVersion && row.entry.policyVersion > 0)
            let rule = try #require(Self.blockingRule(root), "\(row.entry.delivery) names no rule")
            let isHeld = row.entry.state == .held
            #expect(rule["rule"]?.string == (isHeld ? "by-sms" : "daily"))
            let filling = rule["filled_by"]?.elements.compactMap { $0["delivery"]?.string } ?? []
            let known = Set(sent[row.recipient]?.compactMap(\.reference) ?? [])
            #expect(filling.count == (isHeld ? 1 : 2))
            #expect(known.isSuperset(of: filling), "\(filling) of \(known)")
            let free = try #require(rule["free_at"]?.string.flatMap { Instant(rfc3339: $0) })
            #expect(free > row.entry.at + .seconds(isHeld ? 604_700 : 86_000))
            if isHeld { #expect(row.entry.dueAt == free) }
        }
        try await Self.replay(capped.filter { $0.entry.state == .dropped }, policy: policy, bench)
    }

    private static func waitForSent(_ count: Int, _ bench: CaseBench) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await bench.bed.totals()[.sent] != count {
            guard ContinuousClock.now < deadline else { throw TestBed.Failure("not all were sent") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The first cap rule that an explanation reports as full.
    private static func blockingRule(_ root: JSONRef) -> JSONRef? {
        for channel in root["channels"]?.elements.map({ $0 }) ?? [] {
            for step in channel["steps"]?.elements.map({ $0 }) ?? [] where step["step"]?.string == "caps" {
                if let rule = step["rules"]?.elements.first(where: { $0["passes"]?.bool == false }) { return rule }
            }
        }
        return nil
    }

    /// Repeats the decisions with the stored facts, as of the time of each decision. The explanations must be equal
    /// byte for byte.
    private static func replay(_ rows: [LogRow], policy text: String, _ bench: CaseBench) async throws {
        bench.bed.stopServer()
        let store = try SQLiteStore.open(directory: "\(bench.bed.folder)/data")
        let policy = try Policy.parse(text: try #require(Files.read("\(bench.bed.folder)/policy.yaml")))
        for row in rows {
            let delivery = row.entry.delivery
            let message = try #require(try await store.message(delivery.message))
            let facts = try await store.facts(recipient: row.recipient, horizon: policy.horizon)
            let request = AdmissionRequest(
                delivery: delivery, epoch: 0, message: message, channel: try #require(row.entry.channel))
            let decision = policy.with(version: row.entry.policyVersion).decide(
                request, facts: facts, conditions: .normal, now: row.entry.at)
            #expect(decision.explanation == row.entry.explanation)
        }
        await store.close()
    }
}
