import SobreModel
import SobreSandbox
import TestBed
import Testing

/// Cases in which other products failed about time: midnight, the nights on which clocks change, and holding until a
/// slot is free.
@Suite("Time where others fail", .serialized)
struct TimeCaseTests {
    /// A night in Paris: the start of its day, the start of the next day, and midnight in New York in between.
    struct Night: Sendable {
        var name: String
        var midnight: String
        var next: String
        var newYork: String
    }

    static let nights = [
        // The day has 23 hours.
        Night(
            name: "spring", midnight: "2026-03-28T23:00:00Z", next: "2026-03-29T22:00:00Z",
            newYork: "2026-03-29T04:00:00Z"),
        // The day has 25 hours.
        Night(
            name: "autumn", midnight: "2026-10-24T22:00:00Z", next: "2026-10-25T23:00:00Z",
            newYork: "2026-10-25T04:00:00Z"),
    ]

    @Test("Case 5: a launch across midnight on both nights that change the clocks, and without a zone")
    func acrossMidnight() async throws {
        // Each night takes several real seconds. Both run in parallel with their own servers.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for night in Self.nights { group.addTask { try await Self.launch(across: night) } }
            try await group.waitForAll()
        }
    }

    private static func launch(across night: Night) async throws {
        let bench = try CaseBench(
            "case5-\(night.name)",
            policy: """
                caps:
                  - {name: daily, applies_to: {category: marketing}, limit: 1, window: calendar day, in: recipient, on_cap: hold}
                """, zone: "America/New_York")
        let midnight = try #require(Instant(rfc3339: night.midnight))
        try bench.start(at: midnight - .milliseconds(2500))
        try await bench.bed.putProfiles([
            #"{"id":"person-0","timezone":"Europe/Paris","addresses":[{"channel":"email","address":"a@people.example"}]}"#,
            #"{"id":"person-1","addresses":[{"channel":"email","address":"b@people.example"}]}"#,
        ])
        try await bench.send((0..<3).map { CaseBench.offer("paris-\($0)", to: 0) })
        try await bench.send((0..<2).map { CaseBench.offer("nowhere-\($0)", to: 1) })
        let before = try await bench.wait(for: "paris-0") { $0.state == .sent }
        let after = try await bench.wait(for: "paris-1") { $0.state == .sent }
        let next = try await bench.wait(for: "paris-2") { $0.state == .held && $0.dueAt.map { $0 > midnight } == true }
        // One is sent on the old day, one as soon as the new day begins, and one is held until that day ends, whatever
        // its length.
        #expect(before.at < midnight, "\(night.name): \(before.at)")
        #expect(after.at >= midnight && after.at < midnight + .seconds(3), "\(night.name): \(after.at)")
        // A message that only an open attempt blocks is decided again soon. Then the day is full.
        if next.dueAt != Instant(rfc3339: night.next) {
            _ = try await bench.wait(for: "paris-2") { $0.dueAt == Instant(rfc3339: night.next) }
        }
        // Without a time zone the policy's default applies. There it is evening, and the day ends later.
        _ = try await bench.wait(for: "nowhere-0") { $0.state == .sent }
        let held = try await bench.wait(for: "nowhere-1") { $0.state == .held }
        #expect(held.dueAt == Instant(rfc3339: night.newYork), "\(night.name): \(String(describing: held.dueAt))")
        #expect(try bench.counts() == ["person-0": 2, "person-1": 1], "\(night.name)")
    }

    @Test("Case 9: held by a cap, sent at the computed instant: not before, not after expiry, in the order of priority")
    func heldAndReleased() async throws {
        let bench = try CaseBench(
            "case9",
            policy: "caps: [{name: slow, applies_to: {category: marketing}, limit: 1, window: 2s, on_cap: hold}]")
        try bench.start()
        try await bench.bed.putProfiles(count: 1)
        try await bench.send([CaseBench.offer("first", to: 0)])
        let first = try await bench.wait(for: "first") { $0.state == .sent }
        var late = CaseBench.offer("late", to: 0)
        late.expiresAt = SystemTime().now() + .seconds(1)
        var urgent = CaseBench.offer("urgent", to: 0)
        urgent.priority = "high"
        try await bench.send([CaseBench.offer("normal", to: 0), late, urgent])
        let held = try await bench.wait(for: "urgent") { $0.state == .held }
        #expect(held.dueAt == first.at + .seconds(2))
        try await bench.settle()
        // Its slot would be free only after the message expires, so it is dropped at once.
        let tooLate = try await bench.last("late")
        #expect(tooLate.state == .dropped && tooLate.reason == DropReason.frequencyCapped.rawValue)
        #expect(tooLate.detail.contains("after the message expires"), "\(tooLate.detail)")
        let order = try bench.accepted().sorted { $0.at < $1.at }
        #expect(
            order.compactMap { $0.reference.flatMap { MessageID($0) } } == [
                try bench.id("first"), try bench.id("urgent"), try bench.id("normal"),
            ])
        for (earlier, later) in zip(order, order.dropFirst()) {
            #expect(later.at - earlier.at >= 2000, "too early")
            #expect(later.at - earlier.at < 4000, "too late")
        }
    }
}
