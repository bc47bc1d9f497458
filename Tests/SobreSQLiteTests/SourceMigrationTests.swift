import SobreModel
import SobreStore
import SobreStoreConformance
import Testing

@testable import SobreSQLite

@Suite("A store without positions in logs is converted")
struct SourceMigrationTests {
    @Test("its messages stay, and positions and rejected records can be kept")
    func converted() async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(StoreConformance.start)
            var store = try SQLiteStore.open(directory: directory, time: time)
            let draft = MessageDraft(recipient: "ann", template: "hello", channels: [.email])
            let results = try await store.enqueue([Submission(draft: draft)])
            guard case .accepted(let id)? = results.first else {
                Issue.record("\(results)")
                return
            }
            await store.close()
            try FormerLayout.change(directory, FormerLayout.withoutSources)
            let error = #expect(throws: StoreError.self) { try SQLiteStore.openReadOnly(directory: directory) }
            #expect(error?.code == .incompatible)

            store = try SQLiteStore.open(directory: directory, time: time)
            #expect(try await store.message(id)?.draft == draft)
            #expect(try await store.rejectCounts() == [:])
            let partition = SourcePartition(topic: "orders", partition: 0)
            let entry = SourceBatch.Entry(
                partition: partition, offset: 0, content: .rejected(RecordProblem(code: "c", message: "m")),
                recipient: nil, size: 1, bytes: [1])
            let batch = SourceBatch(
                source: "shop", entries: [entry], moves: [.init(partition, from: nil, to: 1)], maxRejects: 9
            ) { _ in RecordProblem(code: "c", message: "m") }
            #expect(try await store.enqueue(batch) == .stored([], rejected: 1))
            #expect(try await store.positions(of: "shop") == [partition: 1])
            await store.close()
        }
    }
}
