import SobreModel
import SobreStore
import SobreStoreConformance
import Testing

@testable import SobreSQLite

@Suite("A store without subscriptions to events is converted") struct EventMigrationTests {
    @Test func `its log can be delivered from the beginning`() async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(StoreConformance.start)
            let store = try SQLiteStore.open(directory: directory, time: time)
            let draft = MessageDraft(recipient: "ann", template: "hello", channels: [.email])
            _ = try await store.enqueue([Submission(draft: draft)])
            await store.close()
            try FormerLayout.change(directory, FormerLayout.withoutEvents)
            let error = #expect(throws: StoreError.self) { try SQLiteStore.openReadOnly(directory: directory) }
            #expect(error?.code == .incompatible)

            let again = try SQLiteStore.open(directory: directory, time: time)
            #expect(try await again.eventSubscriptions() == [])
            let state = try await again.begin(subscription: "s", after: nil)
            let page = try await again.log(LogQuery(direction: .forward(after: state.position)))
            #expect(page.rows.map(\.entry.state) == [.queued])
            await again.close()
        }
    }
}
