import Postgres
import PostgresTestServer
import SobreModel
import SobreStore
import Testing

@testable import SobrePostgres

@Suite(
    "Nodes and their buckets",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct MembershipTests {
    static func leases(_ database: TestDatabase) -> BucketLeases {
        BucketLeases(clock: .source(database.time), lease: .seconds(15))
    }

    @Test func `a node takes all free buckets, and returns them when it is closed`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        #expect(store.membership.held.count == 512)
        #expect(store.membership.epoch(of: 7) == 1)
        #expect(
            try database.numbers("SELECT count(*) FROM bucket WHERE node = \(store.incarnation.rawValue)") == [512])
        let second = try database.open()
        #expect(second.incarnation != store.incarnation)
        #expect(second.membership.held.isEmpty)
        await store.close()
        #expect(store.membership.held.isEmpty)
        #expect(try database.numbers("SELECT count(*) FROM bucket WHERE node = 0") == [512])
        await second.close()
    }

    @Test func `what a node left is taken by another at its next turn, under a higher epoch`() async throws {
        let database = try TestDatabase()
        var configuration = database.configuration
        configuration.renewInterval = .milliseconds(20)
        let first = try PostgresStore.open(configuration, time: database.time)
        let second = try PostgresStore.open(configuration, time: database.time)
        await first.close()
        let deadline = ContinuousClock.now + .seconds(20)
        while second.membership.held.count < 512, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(second.membership.epoch(of: 0) == 2)
        #expect(second.membership.held.count == 512)
        await second.close()
    }

    @Test func `a lease that ended goes to another node, and its former holder learns it when it renews`() throws {
        let database = try TestDatabase()
        let connection = try database.connection()
        let leases = Self.leases(database)
        let (ann, bob) = (try leases.join(connection), try leases.join(connection))
        let held = try leases.keep(ann, held: [:], connection)
        #expect(held.count == 512)
        database.time.advance(by: .milliseconds(14_999))
        #expect(try leases.keep(bob, held: [:], connection).isEmpty)
        database.time.advance(by: .milliseconds(1))
        let taken = try leases.keep(bob, held: [:], connection)
        #expect(taken == Dictionary(uniqueKeysWithValues: (0..<512).map { ($0, Int64(2)) }))
        #expect(try leases.keep(ann, held: held, connection).isEmpty)
        #expect(try leases.keep(bob, held: taken, connection) == taken)
    }

    @Test func `a node takes its own buckets anew when it does not know their epochs`() throws {
        let database = try TestDatabase()
        let connection = try database.connection()
        let leases = Self.leases(database)
        let ann = try leases.join(connection)
        #expect(try leases.keep(ann, held: [:], connection)[3] == 1)
        // The answer was lost, or names another epoch.
        let held = try leases.keep(ann, held: [3: 7, 4: 1], connection)
        #expect(held.count == 512)
        #expect([held[3], held[4], held[5]] == [2, 1, 2])
    }

    @Test func `a renewed lease does not end`() throws {
        let database = try TestDatabase()
        let connection = try database.connection()
        let leases = Self.leases(database)
        let (ann, bob) = (try leases.join(connection), try leases.join(connection))
        var held = try leases.keep(ann, held: [:], connection)
        for _ in 0..<5 {
            database.time.advance(by: .seconds(10))
            held = try leases.keep(ann, held: held, connection)
            #expect(held.count == 512)
            #expect(try leases.keep(bob, held: [:], connection).isEmpty)
        }
        try leases.release(ann, connection)
        #expect(try leases.keep(bob, held: [:], connection).count == 512)
    }

    @Test func `a node without its database gives its buckets up when the lease ends by its own clock`() async throws {
        let server = try PostgresTestServer()
        let name = try server.makeDatabase()
        let configuration = PostgresStoreConfiguration(
            url: server.url(name), durability: .local, lease: .milliseconds(600), renewInterval: .milliseconds(50))
        try PostgresStore.migrate(configuration)
        let store = try PostgresStore.open(configuration)
        #expect(store.membership.held.count == 512)
        let deadline = ContinuousClock.now + .seconds(30)
        let end = PreparedStatement("end", "SELECT min(lease_until) FROM sobre.bucket")
        let reader = try PostgresConnection(server.configuration(name))
        let first = try reader.query(end)[0].int(0)
        // Longer than the first lease.
        while try reader.query(end)[0].int(0) < first + 700, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(store.membership.held.count == 512)
        server.stop()
        while !store.membership.held.isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(store.membership.held.isEmpty)
        try server.start()
        while store.membership.held.count < 512, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(store.membership.held.count == 512)
        await store.close()
        server.stop()
    }
}
