import Postgres
import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreSettings
import SobreStore
import Testing

@Suite(
    "The facts about a recipient in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct FactsTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase() }

    /// Writes an attempt, as of some seconds before the store's time.
    private func add(
        _ id: Int64, of person: String, at address: Address, _ state: LedgerEntry.State, openedBefore: Int,
        spentBefore: Int
    ) throws {
        let key = KeyHash.recipient(person)
        let bucket = key.rawValue % 512
        let now = TestDatabase.start.milliseconds
        let (opened, spent) = (now - Int64(openedBefore) * 1000, now - Int64(spentBefore) * 1000)
        let at = spent - opened > 3_600_000 ? spent : opened
        try database.connection().run(
            script: """
                INSERT INTO attempt VALUES (\(bucket), \(at), \(id), \(id), 1, 1, 'acme', \(opened), \(opened), \
                \(state.rawValue), \(spent), \(key.stored), \(address.subject.stored), 1, 2, 3, 4, 5, \
                '\\x0700000000000000', 3, 8, 9, 10, false, 3, 'v1', 1, NULL);
                INSERT INTO address_person VALUES (\(address.subject.stored), \(key.stored), \(bucket)) \
                ON CONFLICT DO NOTHING;
                """)
    }

    @Test func `the ledger has open attempts and those within the horizon, under all names and addresses`() async throws
    {
        let store = try database.open()
        let home = Address(channel: .email, value: "home@x.example")
        try await store.put([
            Profile(id: "ann", addresses: [home], aliases: ["anon-1"]), Profile(id: "bob"),
        ])
        try add(1, of: "ann", at: home, .committed, openedBefore: 50, spentBefore: 40)
        try add(2, of: "anon-1", at: home, .reserved, openedBefore: 30, spentBefore: 30)
        try add(3, of: "ann", at: home, .released, openedBefore: 20, spentBefore: 20)
        // Recorded long after it was opened, and within the horizon.
        try add(4, of: "ann", at: home, .committed, openedBefore: 90_000, spentBefore: 70)
        try add(5, of: "ann", at: home, .committed, openedBefore: 3_900, spentBefore: 3_601)
        try add(6, of: "ann", at: home, .committed, openedBefore: 4_000, spentBefore: 3_599)
        // However old it is.
        try add(7, of: "ann", at: home, .reserved, openedBefore: 900_000, spentBefore: 900_000)
        // Somebody else was reached at the mailbox, and elsewhere.
        try add(8, of: "bob", at: home, .committed, openedBefore: 10, spentBefore: 10)
        try add(
            9, of: "bob", at: Address(channel: .email, value: "bob@x.example"), .committed, openedBefore: 9,
            spentBefore: 9)
        // Ann held the mailbox when Cy was reached there.
        try add(10, of: "cy", at: home, .committed, openedBefore: 5, spentBefore: 5)
        let bucket = KeyHash.recipient("cy").rawValue % 512
        try database.connection().run(
            script: "INSERT INTO attempt_holder VALUES (\(bucket), 10, \(KeyHash.recipient("ann").stored))")

        for name in ["ann", "anon-1"] {
            let facts = try await store.facts(recipient: name, horizon: .seconds(3_600))
            #expect(facts.ledger.map(\.id) == [7, 6, 4, 1, 2, 8, 10])
            #expect(facts.ledger.map(\.countsForHolder) == [true, true, true, true, true, false, true])
            #expect(facts.ledger.map(\.state.rawValue) == [0, 1, 1, 1, 0, 1, 1])
        }
        let first = try await store.facts(recipient: "ann", horizon: .seconds(3_600)).ledger[3]
        #expect(first.committedAt == TestDatabase.start - .seconds(40))
        #expect(first.traits.tags == [KeyHash(rawValue: 7)])
        #expect(first.traits.countsTowardCaps && first.traits.isTest)
        #expect(first.traits.category == KeyHash(rawValue: 1))
        #expect(first.traits.tenant == KeyHash(rawValue: 10))
        #expect(first.address == home.subject)
        await store.close()
    }

    @Test func `holders of a shared address come with their contacts, unless there are too many`() async throws {
        var configuration = database.configuration
        configuration.limits.maxAddressHolders = 3
        let store = try PostgresStore.open(configuration, time: database.time)
        let home = Address(channel: .email, value: "home@x.example")
        let number = Address(channel: .whatsapp, value: "+12025550123")
        try await store.put(["ann", "bob", "cy"].map { Profile(id: $0, addresses: [home, number]) })
        let other = Address(channel: .email, value: "cy@x.example")
        try add(1, of: "cy", at: other, .committed, openedBefore: 5, spentBefore: 5)
        var facts = try await store.facts(recipient: "ann", horizon: .seconds(60))
        #expect(facts.crowdedAddresses == [])
        #expect(Set(facts.holders.map(\.profile.id)) == ["bob", "cy"])
        #expect(facts.holders.allSatisfy { $0.addresses == [home.subject, number.subject] })
        #expect(facts.holders.first { $0.profile.id == "cy" }?.ledger.map(\.id) == [1])
        #expect(facts.ledger.isEmpty)
        try await store.put([Profile(id: "dan", addresses: [home])])
        facts = try await store.facts(recipient: "ann", horizon: .seconds(60))
        #expect(facts.crowdedAddresses == [home.subject])
        #expect(facts.holders.allSatisfy { $0.addresses == [number.subject] })
        // Who gives the addresses up shares nothing any more.
        try await store.put([Profile(id: "bob"), Profile(id: "cy"), Profile(id: "dan")])
        facts = try await store.facts(recipient: "ann", horizon: .seconds(60))
        #expect(facts.holders.isEmpty && facts.crowdedAddresses.isEmpty)
        await store.close()
    }

    @Test func `engagement is summed over all buckets and joined by a merge`() async throws {
        let store = try database.open()
        try await store.put([Profile(id: "ann"), Profile(id: "bob")])
        let (ann, bob) = (KeyHash.recipient("ann"), KeyHash.recipient("bob"))
        // Hour 3 of the week, and mails opened.
        let opened = Int64(Channel.email.rawValue) << 8 | Int64(Engagement.Event.opened.rawValue)
        try database.connection().run(
            script: """
                INSERT INTO engagement VALUES (\(ann.rawValue % 512), \(ann.stored), 19, 2), \
                (\(bob.rawValue % 512), \(bob.stored), 19, 3), (\(bob.rawValue % 512), \(bob.stored), \(opened), 4), \
                (1, 0, \(opened), 5), (511, 0, \(opened), 6);
                """)
        _ = try await store.merge("bob", into: "ann").get()
        let facts = try await store.facts(recipient: "bob", horizon: .seconds(60))
        #expect(facts.engagement[.email][.opened] == 4)
        #expect(facts.engagement.hours[3] == 5)
        #expect(facts.prior[.email][.opened] == 11)
        try database.connection().run(script: "INSERT INTO engagement VALUES (2, 0, 255, 1)")
        let error = await #expect(throws: StoreError.self) {
            try await store.facts(recipient: "ann", horizon: .seconds(60))
        }
        #expect(error?.code == .incompatible)
        await store.close()
    }
}
