import SobreModel
import SobreSettings
import SobreStore
import Testing

@testable import SobreSQLite
@testable import SobreStoreConformance

@Suite("Present states are found without reading the log")
struct StateTests {
    @Test("A file of the former layout is converted: the same waits, and the same is found")
    func conversion() async throws {
        try await withTemporaryDirectory { directory in
            var driver = try await StoreDriver(ConformanceTests.storeUnderTest(directory))
            try await StoreConformance.tell(driver)
            let before = try await Self.everything(driver)
            #expect(before.count == 11)
            await driver.store.close()
            try FormerLayout.change(directory, FormerLayout.withoutState)
            driver = try await StoreDriver(driver.test)
            #expect(try await Self.everything(driver) == before)
            await driver.store.close()
        }
    }

    /// The groups of the queue, then the messages of each state that is indexed.
    private static func everything(_ driver: StoreDriver) async throws -> [String] {
        var lines = try await driver.store.queue(at: driver.time.now(), limit: 99).groups.map { "\($0)" }
        for state in DeliveryState.allCases where state.isPending || state.isUnsent || state == .attempting {
            for row in try await StoreConformance.list(driver, StateFilter(states: [state])) {
                lines.append("\(row.message.id) \(row.last)")
            }
        }
        return lines
    }

    @Test("Campaigns beyond the limit are counted together, and leave the counts as they came")
    func furtherCampaigns() async throws {
        var configuration = SQLiteConfiguration()
        configuration.limits.maxCountedCampaigns = 1
        let limited = configuration
        try await withTemporaryDirectory { directory in
            var driver = try await StoreDriver(ConformanceTests.storeUnderTest(directory, limited))
            let campaigns = ["one", "two", "three", nil]
            let ids = try await campaigns.asyncMap { campaign in
                try await driver.enqueue(StoreDriver.draft("ann", campaign: campaign))[0]
            }
            for _ in 0..<2 {
                let groups = try await driver.store.queue(at: driver.time.now(), limit: 9).groups
                #expect(groups.map(\.count).sorted() == [1, 1, 2])
                #expect(groups.first { $0.isOfFurtherCampaigns }?.count == 2)
                #expect(Set(groups.compactMap(\.campaign)) == ["one"])
                // They are found all the same.
                let filter = StateFilter(states: [.queued], selector: DeliveryFilter(campaign: "three"))
                #expect(try await StoreConformance.list(driver, filter).map(\.message.id) == [ids[2]])
                driver = try await driver.reopened()
            }
            // Once there is room again, a campaign is counted by itself, and what came before still as it came.
            _ = try await driver.store.cancel(ids[0])
            try await driver.enqueue(StoreDriver.draft("bob", campaign: "two"))
            _ = try await driver.store.cancel(ids[1])
            let left = try await driver.store.queue(at: driver.time.now(), limit: 9).groups
            #expect(left.filter { $0.campaign == "two" }.map(\.count) == [1])
            #expect(left.filter(\.isOfFurtherCampaigns).map(\.count) == [1])
            await driver.store.close()
        }
    }

    @Test("A page looks at a bounded number of rows, and the pages together find everything")
    func boundedPages() async throws {
        var configuration = SQLiteConfiguration()
        configuration.limits.maxPageRows = 100
        let limited = configuration
        try await withTemporaryDirectory { directory in
            let driver = try await StoreDriver(ConformanceTests.storeUnderTest(directory, limited))
            let store = try #require(driver.store as? SQLiteStore)
            for part in 0..<4 {
                _ = try await store.enqueue(
                    (0..<500).map { index in
                        Submission(
                            draft: StoreDriver.draft("p\(index)", campaign: index == 499 ? "rare\(part)" : "usual"))
                    })
            }
            let hold = StoreDriver.always(.hold(until: driver.time.now() + .seconds(60), .quietHours))
            _ = try await driver.admit(driver.claim(1_000), hold)
            for campaign in ["rare0", "rare1", "rare2", "rare3"] {
                for states in [Set([DeliveryState.held, .queued]), []] {
                    let filter = StateFilter(states: states, selector: DeliveryFilter(campaign: campaign))
                    var (found, pages) = (0, 0)
                    var cursor: StateCursor?
                    repeat {
                        let page = try await store.messages(filter, after: cursor, limit: 50)
                        found += page.rows.count
                        pages += 1
                        cursor = page.next
                    } while cursor != nil
                    #expect(found == 1, "\(campaign) \(states)")
                    // Two thousand messages cannot be gone through in one page.
                    if states.isEmpty { #expect(pages > 5) }
                }
            }
            await store.close()
        }
    }

    @Test("A list searches by keys and scans no table", arguments: [true, false])
    func plans(isFiltered: Bool) async throws {
        try await DerivedEntriesTests().withDriver { driver, store in
            try await StoreConformance.tell(driver)
            let reasons: Set<String> = isFiltered ? ["quiet_hours", "because", ""] : []
            let states: [Set<DeliveryState>] = [
                [.held, .scheduled, .deferred], [.failed, .dropped], [.attempting], [.queued], [],
            ]
            for states in states {
                let filter = StateFilter(
                    states: states, reasons: reasons, selector: DeliveryFilter(campaign: isFiltered ? "spring" : nil))
                try await store.reader.read { db throws(StoreError) in
                    var walk = try StateWalk(filter, names: nil, from: nil, budget: 1_000, on: db)
                    while try walk.next() != nil {}
                    #expect(walk.isDone)
                    DerivedEntriesTests.expectSearches(on: db)
                }
            }
        }
    }
}

extension Sequence {
    /// Maps one element after the other.
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
