import SobreModel
import SobreStore
import SobreStoreConformance
import Testing

@testable import SobreSQLite

@Suite("A store without pauses is converted")
struct PauseMigrationTests {
    @Test("what waits is claimed in the same order, and can be paused")
    func converted() async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(StoreConformance.start)
            let store = try SQLiteStore.open(directory: directory, time: time)
            let drafts = (0..<40).map { Self.draft($0, at: time.now()) }
            _ = try await store.enqueue(drafts.map { Submission(draft: $0) })
            await store.close()
            time.advance(by: .seconds(60))
            let before = try await Self.claimed(directory, time)
            try FormerLayout.change(directory, FormerLayout.withoutState + FormerLayout.withoutPauses)
            let error = #expect(throws: StoreError.self) { try SQLiteStore.openReadOnly(directory: directory) }
            #expect(error?.code == .incompatible)
            #expect(try await Self.claimed(directory, time) == before)
            #expect(before.count == 40 && Set(before).count == 40)

            let again = try SQLiteStore.open(directory: directory, time: time)
            #expect(try await again.pauses(at: time.now()) == [])
            let pause = try #require(try await again.pause(.all, until: nil, reason: "", by: "ann")).pause
            #expect(try await again.facts(recipient: "ann", horizon: .seconds(60)).pauses == [pause])
            await again.close()
        }
    }

    private static func draft(_ number: Int, at now: Instant) -> MessageDraft {
        let wait = Duration.seconds((number * 7) % 11)
        return MessageDraft(
            recipient: "ann", template: "t\(number)", channels: [number % 3 == 0 ? .sms : .email],
            priority: number % 5 == 0 ? .high : .normal, sendAt: now + wait)
    }

    /// Claims all, in the order of the queue. A restart ends the claims.
    private static func claimed(_ directory: String, _ time: VirtualTime) async throws -> [String] {
        let store = try SQLiteStore.open(directory: directory, time: time)
        let claimed = try await store.claim(limit: 100, lease: .seconds(60), channels: Set(Channel.allCases))
        await store.close()
        return claimed.map(\.message.template)
    }
}
