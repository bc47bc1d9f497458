import SobreModel
import SobreStore
import Testing

@testable import SobreSQLite
@testable import SobreStoreConformance

@Suite("The log is what a plain list of everything that happened says")
struct LogOracleTests {
    @Test(
        "After sends, holds, failures, cancellations, restarts and pruning, and again in the layout of the version before",
        arguments: [1, 2, 3] as [UInt64])
    func story(seed: UInt64) async throws {
        try await withTemporaryDirectory { directory in
            let test = ConformanceTests.storeUnderTest(directory)
            var story = LogStory(try await StoreDriver(test), seed: seed)
            for step in 0..<160 {
                try await story.step()
                if step % 20 == 19 { try await story.check() }
            }
            await story.close()
            // Every entry becomes a row, and the store is converted when it opens. Some attempts are in flight.
            try FormerLayout.change(directory, FormerLayout.withoutDerivedEntries)
            try await story.resume(test)
            try await story.check()
            for step in 0..<120 {
                try await story.step()
                if step % 20 == 19 { try await story.check() }
            }
            await story.close()
            let kinds = [
                "accepted", "attempting", "held", "dropped", "sent", "failed", "unknown", "deferred", "cancelled",
                "ledger pruned", "pruned",
            ]
            for kind in kinds { #expect(story.counts[kind, default: 0] > 0, "\(kind)") }
        }
    }
}
