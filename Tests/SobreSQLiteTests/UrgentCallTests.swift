import SobreModel
import SobreStore
import SobreStoreConformance
import Synchronization
import Testing

@testable import SobreSQLite

@Suite("Urgent calls to the writer") struct UrgentCallTests {
    private final class Order: Sendable {
        let names = Mutex<[String]>([])
        let isFree = Atomic(false)
        let hasBegun = Atomic(false)
    }

    @Test func `an urgent call stops a group after the call at hand, and the rest follows in order`() async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLiteStore.open(directory: directory)
            let order = Order()
            @Sendable func call(_ name: String, isUrgent: Bool = false) -> Task<Void, any Error> {
                Task {
                    try await store.writer.perform(isUrgent: isUrgent) { (_) throws(StoreError) in
                        order.names.withLock { $0.append(name) }
                        guard name == "at hand" else { return }
                        order.hasBegun.store(true, ordering: .releasing)
                        while !order.isFree.load(ordering: .acquiring) {}
                    }
                }
            }
            // While the first call runs, the others arrive.
            var calls = [call("at hand")]
            while !order.hasBegun.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
            for name in ["one", "two", "three"] {
                calls.append(call(name))
                try await Task.sleep(for: .milliseconds(20))
            }
            calls.append(call("urgent", isUrgent: true))
            try await Task.sleep(for: .milliseconds(20))
            order.isFree.store(true, ordering: .releasing)
            for call in calls { try await call.value }
            #expect(order.names.withLock { $0 } == ["at hand", "urgent", "one", "two", "three"])
            await store.close()
        }
    }
}
