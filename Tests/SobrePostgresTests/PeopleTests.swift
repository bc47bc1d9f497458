import Postgres
import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Testing

@Suite(
    "Recipients in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct PeopleTests {
    /// The checks of the contract that need recipients alone. Those that send something need the queue too.
    static let names = [
        "A profile can be read back with everything", "A suppression of the person or of an address is in force",
        "One suppression a subject, channel, category and reason",
        "Suppressions of one reason are lifted by themselves",
        "All profiles and all suppressions are read page by page", "A profile is changed as it stands, or not at all",
        "After a merge either id names the one person", "Chains of merges end at the last",
        "A profile's aliases name it", "Suppressions of both hold after a merge",
        "Of two people's consents the newest counts", "The stricter of two people's caps holds",
        "The newest consent about a channel and category", "A put profile's new consents go into the history",
        "What was set and lifted stays in the history", "Lifting what is not there writes no history",
        "A date from the future counts as now", "A document replaces a refusal with a time",
        "A later grant with evidence lifts the opt-out",
    ]

    @Test("The contract", arguments: names)
    func check(_ name: String) async throws {
        let check = try #require(StoreConformance.checks.first { $0.description.hasPrefix(name) })
        let configuration = try TestDatabase().configuration
        let time = VirtualTime(StoreConformance.start)
        try await withTemporaryDirectory { directory in
            try await check.run(
                StoreUnderTest(
                    time: time, poke: { _ in },
                    open: {
                        PeopleProxy(
                            inner: try SQLiteStore.open(directory: directory, time: time),
                            people: try PostgresStore.open(configuration, time: time))
                    }))
        }
    }

    static func person(_ id: String, _ email: String) -> Profile {
        Profile(id: id, addresses: [Address(channel: .email, value: email)])
    }

    @Test func `two nodes that store profiles with one new address both learn that it is shared`() async throws {
        let database = try TestDatabase()
        let nodes = [try database.open(), try database.open()]
        for round in 0..<20 {
            async let first = nodes[0].put([Self.person("a\(round)", "home\(round)@x.example")])
            async let second = nodes[1].put([Self.person("b\(round)", "HOME\(round)@x.example")])
            _ = try await (first, second)
        }
        #expect(try database.numbers("SELECT count(*) FROM profile WHERE shares") == [40])
        for id in ["a0", "b0"] {
            let facts = try await nodes[0].facts(recipient: id, horizon: .seconds(60))
            #expect(facts.holders.map(\.profile.id) == [id == "a0" ? "b0" : "a0"])
        }
        #expect(try await nodes[0].crowdedAddresses(above: 1) == 20)
        #expect(try await nodes[0].crowdedAddresses(above: 2) == 0)
        for node in nodes { await node.close() }
    }

    @Test func `merges, profiles and suppressions of the same people on two nodes do not wait in a circle`()
        async throws
    {
        let database = try TestDatabase()
        let nodes = [try database.open(), try database.open()]
        let people = (0..<12).map { Self.person("p\($0)", "box\($0 % 5)@x.example") }
        try await nodes[0].put(people)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<60 {
                let node = nodes[task % 2]
                group.addTask {
                    let person = people[task % 12]
                    switch task % 3 {
                    case 0: _ = try await node.put(task % 2 == 0 ? people : people.reversed())
                    case 1: _ = try await node.merge("p\(task % 12)", into: "p\(task * 7 % 12)")
                    default:
                        try await node.suppress([
                            Suppression(
                                subject: person.addresses[0].subject, label: "x", reason: .manual, source: "api",
                                at: TestDatabase.start)
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
        // Each name still leads to one profile.
        for person in people { #expect(try await nodes[0].profile(person.id) != nil) }
        #expect(
            try database.numbers("SELECT (SELECT count(*) FROM profile) + (SELECT count(*) FROM alias)") == [12])
        for node in nodes { await node.close() }
    }

    /// A decision holds the bucket of its recipient. What it has read must not change before it has ended.
    @Test func `a suppression of an address waits for a decision about whoever holds it`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        let ann = Self.person("ann", "ann@x.example")
        try await store.put([ann])
        let decision = try database.connection()
        let bucket = try database.numbers("SELECT bucket FROM profile")[0]
        try decision.run(script: "BEGIN; SELECT FROM bucket WHERE id = \(bucket) FOR NO KEY UPDATE")
        let order = Task {
            try await store.suppress([
                Suppression(
                    subject: ann.addresses[0].subject, label: "a…", reason: .stopKeyword, source: "sms",
                    at: TestDatabase.start)
            ])
        }
        #expect(try await database.hasWaitingLock())
        #expect(try database.numbers("SELECT count(*) FROM suppression") == [0])
        try decision.run(script: "COMMIT")
        try await order.value
        #expect(try database.numbers("SELECT count(*) FROM suppression") == [1])
        await store.close()
    }

    @Test func `a change that names another profile as an alias locks and merges it`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        try await store.put([Self.person("ann", "ann@x.example"), Self.person("anon", "home@x.example")])
        struct No: Error {}
        let result = try await store.change("ann") { profile -> Result<Profile, No> in
            var profile = profile
            profile.aliases.append("anon")
            return .success(profile)
        }
        guard case .changed(let ann) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(ann.aliases == ["anon"])
        #expect(ann.addresses.map(\.value) == ["ann@x.example", "home@x.example"])
        #expect(try await store.profile("anon") == ann)
        #expect(try database.numbers("SELECT count(*) FROM address_owner WHERE person <> 0") == [2])
        await store.close()
    }

    @Test func `a change is noted before its call returns`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        let mark = store.changes.mark
        try await store.put([Self.person("ann", "ann@x.example")])
        #expect(store.changes.hasChanged([.recipient("ann")], since: mark))
        #expect(!store.changes.hasChanged([.recipient("bob")], since: mark))
        await store.close()
    }
}
