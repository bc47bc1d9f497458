import SobreModel
import SobreSettings
import SobreStore
import Testing

@testable import SobreSQLite
@testable import SobreStoreConformance

@Suite("Who holds an address is bounded, cached and converted")
struct AddressHolderTests {
    private static let number = "+12025550001"

    private static func profile(_ id: String, _ numbers: [String] = [number]) -> Profile {
        Profile(id: id, addresses: numbers.map { Address(channel: .sms, value: $0) })
    }

    private static func open(_ directory: String, most: Int, _ time: VirtualTime? = nil) throws -> LedgerStory {
        var configuration = SQLiteConfiguration()
        configuration.limits.maxAddressHolders = most
        let time = time ?? VirtualTime(.epoch + .seconds(86_400))
        return LedgerStory(
            store: try SQLiteStore.open(directory: directory, time: time, configuration: configuration), time: time)
    }

    private static func facts(_ story: LedgerStory, _ id: String) async throws -> AdmissionFacts {
        try await story.store.facts(recipient: id, horizon: LedgerStory.horizon)
    }

    @Test("An address that more profiles hold than the bound is judged for each alone, and said to be crowded")
    func crowded() async throws {
        try await withTemporaryDirectory { directory in
            let story = try Self.open(directory, most: 3)
            let subject = Address(channel: .sms, value: Self.number).subject
            try await story.store.put(["ann", "bob", "cy"].map { Self.profile($0) })
            #expect(try await Self.facts(story, "ann").holders.map(\.profile.id).sorted() == ["bob", "cy"])
            try await story.send(to: ["ann"])
            try await story.store.put([Self.profile("dora")])
            for id in ["ann", "bob", "cy", "dora"] {
                let facts = try await Self.facts(story, id)
                #expect(facts.holders.isEmpty && facts.crowdedAddresses == [subject], "\(id)")
            }
            try await story.send(to: ["ann"])
            #expect(try await story.ledger("bob").map(\.countsForHolder) == [true, false])
            // One less, and it is shared again.
            try await story.store.put([Self.profile("cy", [])])
            #expect(try await Self.facts(story, "dora").holders.map(\.profile.id).sorted() == ["ann", "bob"])
            #expect(try await Self.facts(story, "dora").crowdedAddresses.isEmpty)
            await story.store.close()
        }
    }

    @Test("Of a number of 20,000 people no decision reads more than the bound")
    func switchboard() async throws {
        try await withTemporaryDirectory { directory in
            let story = try Self.open(directory, most: 32)
            for start in stride(from: 0, to: 20_000, by: 1_000) {
                try await story.store.put((start..<start + 1_000).map { Self.profile("p\($0)") })
            }
            let steps = try await story.store.writer.perform(.reads) { core throws(StoreError) in
                let before = core.profiles.count
                _ = try core.facts(recipient: "p7", horizon: LedgerStory.horizon)
                return core.profiles.count - before
            }
            #expect(steps <= 1)
            #expect(try await Self.facts(story, "p7").crowdedAddresses.count == 1)
            await story.store.close()
        }
    }

    @Test("A profile that shares nothing is decided about without looking for holders")
    func alone() async throws {
        try await withTemporaryDirectory { directory in
            let story = try Self.open(directory, most: 32)
            try await story.store.put([Self.profile("ann"), Self.profile("bob", ["+12025550002"])])
            func shares(_ id: String) async throws -> Int64? {
                try await story.store.writer.perform(.reads) { core throws(StoreError) in
                    let row = try core.cold("SELECT shares FROM profile WHERE id = '\(id)'")
                    defer { row.reset() }
                    return try row.step() ? row.int(0) : nil
                }
            }
            #expect(try await [shares("ann"), shares("bob")] == [0, 0])
            try await story.store.put([Self.profile("bob")])
            #expect(try await [shares("ann"), shares("bob")] == [1, 1])
            // Once it is put again without the address, it is known to be alone.
            try await story.store.put([Self.profile("bob", ["+12025550002"])])
            #expect(try await shares("bob") == 0)
            #expect(try await Self.facts(story, "ann").holders.isEmpty)
            await story.store.close()
        }
    }

    @Test("Contacts from before the conversion count for everybody who holds the address, as they did")
    func converted() async throws {
        try await withTemporaryDirectory { directory in
            let story = try Self.open(directory, most: 32)
            try await story.store.put([Self.profile("ann"), Self.profile("bob"), Self.profile("cy", ["+12025550002"])])
            try await story.send(to: ["ann", "cy", "bob"])
            let expected = [try await story.ledger("ann"), try await story.ledger("bob"), try await story.ledger("cy")]
            await story.store.close()
            try FormerLayout.change(directory, FormerLayout.withoutHolders)
            let again = try Self.open(directory, most: 32, story.time)
            #expect(
                [try await again.ledger("ann"), try await again.ledger("bob"), try await again.ledger("cy")] == expected
            )
            #expect(expected.map(\.count) == [2, 2, 1])
            #expect(try await Self.facts(again, "ann").holders.map(\.profile.id) == ["bob"])
            await again.store.close()
        }
    }
}
