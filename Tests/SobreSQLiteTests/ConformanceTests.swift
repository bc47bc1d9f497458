import SobreModel
import SobreSQLite
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

    /// The same, with bounds so small that every cache forgets and every deferred write happens.
    @Test("The contract with the smallest bounds", arguments: StoreConformance.checks)
    func checkSmall(_ check: ConformanceCheck) async throws {
        var configuration = SQLiteConfiguration()
        configuration.maxGroup = 2
        configuration.cachedProfiles = 1
        configuration.cachedContacts = 1
        configuration.maxPendingIndexRows = 1
        configuration.checkpointPages = 1
        configuration.writerCacheKiB = 64
        let small = configuration
        try await withTemporaryDirectory { directory in
            try await check.run(Self.storeUnderTest(directory, small))
        }
    }

    static func storeUnderTest(_ directory: String, _ configuration: SQLiteConfiguration = .init()) -> StoreUnderTest {
        let time = VirtualTime(StoreConformance.start)
        return StoreUnderTest(
            time: time,
            poke: { store in await (store as? SQLiteStore)?.poke() },
            open: { try SQLiteStore.open(directory: directory, time: time, configuration: configuration) })
    }
}
