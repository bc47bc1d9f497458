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

    /// The same, with bounds so small that every cache forgets and every deferred write happens.
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

    static func storeUnderTest(_ directory: String, _ configuration: SQLiteConfiguration = .init()) -> StoreUnderTest {
        let time = VirtualTime(StoreConformance.start)
        return StoreUnderTest(
            time: time,
            poke: { store in await (store as? SQLiteStore)?.poke() },
            open: { try SQLiteStore.open(directory: directory, time: time, configuration: configuration) })
    }
}
