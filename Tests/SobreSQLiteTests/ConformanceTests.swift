import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import SobreStoreConformance
import Testing

@Suite("The embedded store keeps the contract")
struct ConformanceTests {
    @Test("The contract", arguments: StoreConformance.checks)
    func check(_ check: ConformanceCheck) async throws {
        try await withTemporaryDirectory { directory in
            try await check.run(Self.storeUnderTest(directory))
        }
    }

    /// The same checks with limits so low that every cache evicts and every deferred write happens.
    @Test("The contract with the smallest bounds", arguments: StoreConformance.checks)
    func checkSmall(_ check: ConformanceCheck) async throws {
        var configuration = SQLiteConfiguration()
        configuration.limits.maxGroup = 2
        configuration.limits.cachedProfiles = 1
        configuration.limits.cachedContacts = 1
        configuration.limits.maxPendingIndexRows = 1
        configuration.limits.checkpointBytes = 4096
        configuration.limits.writerCacheBytes = 64 << 10
        let small = configuration
        try await withTemporaryDirectory { directory in
            try await check.run(Self.storeUnderTest(directory, small))
        }
    }

    /// The least favourable behaviour that the contract allows: decisions are repeated, batches split, and recipients
    /// come in any order.
    @Test("The contract through a store that does all that it allows", arguments: StoreConformance.checks)
    func checkUnsteady(_ check: ConformanceCheck) async throws {
        try await withTemporaryDirectory { directory in
            var test = Self.storeUnderTest(directory)
            let open = test.open
            test.open = { UnsteadyStore(try await open()) }
            try await check.run(test)
        }
    }

    @Test(
        "The contract of several nodes",
        .disabled("the embedded store has one owner at a time: a second node cannot open its files"),
        arguments: StoreConformance.severalNodes)
    func checkSeveralNodes(_ check: ConformanceCheck) async throws {
        try await withTemporaryDirectory { directory in
            try await check.run(Self.storeUnderTest(directory))
        }
    }

    /// No store of several nodes exists yet. The checks run anyway, so that they are correct when one is added.
    @Test(
        "The contract of several nodes, played by handles that share one store",
        arguments: StoreConformance.severalNodes)
    func checkSharedHandles(_ check: ConformanceCheck) async throws {
        try await withTemporaryDirectory { directory in
            var test = Self.storeUnderTest(directory)
            let nodes = SharedNodes(try await test.open())
            test.proofTime = .seconds(60)
            test.open = { nodes.join() }
            test.join = { nodes.join() }
            try await check.run(test)
        }
    }

    static func storeUnderTest(_ directory: String, _ configuration: SQLiteConfiguration = .init()) -> StoreUnderTest {
        let time = VirtualTime(StoreConformance.start)
        return StoreUnderTest(
            time: time,
            poke: { store in
                let inner = (store as? UnsteadyStore)?.inner ?? store
                await (inner as? SQLiteStore)?.poke()
            },
            open: { try SQLiteStore.open(directory: directory, time: time, configuration: configuration) })
    }
}
