import Postgres
import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Testing

@Suite(
    "The queue in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct QueueTests {
    /// Checks that also need queries of the log, retention or receipts, which the store does not have yet.
    private static let later: Set<String> = [
        "A message's trace is claimed and read in the log, and goes when its recipient is erased",
        "Erasing the recipient and the end of its retention remove a message's files",
        "On each channel and at each priority a delivery waits, is claimed and is counted",
        "What recipients did is counted for each channel and event by itself",
    ]
    private static let contract = StoreConformance.queue.filter { !later.contains($0.description) }

    @Test("The contract", arguments: contract)
    func check(_ check: ConformanceCheck) async throws {
        let configuration = try TestDatabase().configuration
        let time = VirtualTime(StoreConformance.start)
        try await withTemporaryDirectory { directory in
            try await check.run(
                StoreUnderTest(
                    time: time, proofTime: configuration.lease, poke: { _ in },
                    open: {
                        let queue = try PostgresStore.open(configuration, time: time)
                        let rest = try SQLiteStore.open(directory: directory, time: time)
                        return QueueProxy(
                            inner: PeopleProxy(inner: rest, people: queue), queue: queue, url: configuration.url)
                    }))
        }
    }

    /// The number of contacts of each of the people that are not proven unsent.
    private func contacts(_ database: TestDatabase) throws -> [Int64] {
        try database.numbers("SELECT count(*) FROM attempt WHERE state < 2 GROUP BY person ORDER BY person")
    }

    @Test func `a cap holds exactly while sixteen tasks of two nodes write and buckets change hands`() async throws {
        let database = try TestDatabase()
        var configuration = database.configuration
        configuration.renewInterval = .milliseconds(20)
        let nodes = try (0..<2).map { _ in try PostgresStore.open(configuration) }
        let people = (0..<20).map { PeopleTests.person("hot\($0)", "hot\($0)@x.example") }
        _ = try await nodes[0].put(people)
        _ = try await nodes[0].enqueue(
            (0..<1000).map { Submission(draft: Self.draft("hot\($0 % 20)")) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                let node = nodes[task % 2]
                group.addTask {
                    while try await node.depth().waiting > 0 { _ = try await Self.work(node) }
                }
            }
            // Each bucket goes to the other node while the first still believes that it holds it.
            group.addTask {
                let connection = try database.connection()
                let (a, b) = (nodes[0].incarnation.rawValue, nodes[1].incarnation.rawValue)
                for round in 0..<40 {
                    try connection.run(
                        script: """
                            BEGIN;
                            SELECT id FROM bucket WHERE id % 2 = \(round % 2) ORDER BY id FOR NO KEY UPDATE;
                            UPDATE bucket SET node = CASE node WHEN \(a) THEN \(b) ELSE \(a) END, epoch = epoch + 1
                            WHERE id % 2 = \(round % 2);
                            COMMIT
                            """)
                    try await Task.sleep(for: .milliseconds(25))
                }
            }
            try await group.waitForAll()
        }
        #expect(try contacts(database) == Array(repeating: 3, count: 20))
        #expect(try database.numbers("SELECT sum(deliveries)::int8 FROM tally WHERE bucket >= 0") == [1000])
        for node in nodes { await node.close() }
    }

    private static func draft(_ recipient: String) -> MessageDraft {
        MessageDraft(recipient: recipient, template: "hello", category: "marketing", channels: [.email])
    }

    /// Claims, decides on and records a few deliveries.
    ///
    /// - Returns: whether there were any.
    private static func work(_ node: PostgresStore) async throws -> Bool {
        let claimed = try await node.claim(limit: 7, lease: .milliseconds(200), channels: [.email], least: .low)
        let requests = claimed.map { claimed in
            AdmissionRequest(
                delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message, channel: .email,
                provider: "acme", attempt: claimed.attempts + 1)
        }
        let results = try await node.admit(
            requests, policyVersion: 0, horizon: .seconds(3600), attemptTimeout: .seconds(60)
        ) { request, facts, _ in
            guard let address = facts.profile?.addresses.first, facts.ledger.count < 3 else {
                return AdmissionDecision(verdict: .drop(.frequencyCapped), policyVersion: 0)
            }
            let traits = ContactTraits(message: request.message.draft, channel: .email)
            return AdmissionDecision(verdict: .send(address, traits), policyVersion: 0)
        }
        for case .admitted(let admitted) in results {
            let change = DeliveryChange(.sent, attempt: 1, channel: .email, provider: "acme", providerID: "id")
            let record = AttemptRecord(
                ledgerID: admitted.ledgerID, delivery: admitted.delivery, proof: .sent, change: change)
            #expect(try await node.record([record]) == [true])
        }
        return !claimed.isEmpty
    }

    /// Why the lock is a statement of its own: in one statement with the count, whoever waited for the lock counts as of
    /// before the wait.
    @Test(arguments: [false, true])
    func `counting in the statement that takes the lock misses a contact`(isOneStatement: Bool) async throws {
        let database = try TestDatabase()
        let lock = "SELECT id FROM bucket WHERE id = 7 FOR NO KEY UPDATE"
        let count = "SELECT count(*) FROM address_owner WHERE address = 7"
        let both = "WITH locked AS MATERIALIZED (\(lock)) SELECT (\(count)) FROM locked"
        let first = try database.connection()
        try first.run(script: "BEGIN; \(lock); INSERT INTO address_owner VALUES (7, 1, 7)")
        let waiting = Task {
            let second = try database.connection()
            try second.run(script: "BEGIN")
            if isOneStatement { return try second.query(PreparedStatement("both", both))[0].int(0) }
            try second.query(PreparedStatement("lock", lock))
            return try second.query(PreparedStatement("count", count))[0].int(0)
        }
        #expect(try await database.hasWaitingLock())
        try first.run(script: "COMMIT")
        #expect(try await waiting.value == (isOneStatement ? 0 : 1))
    }

    @Test func `what a provider said about somebody who was erased meanwhile is not kept`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        _ = try await store.put([PeopleTests.person("ann", "ann@x.example")])
        _ = try await store.enqueue([Submission(draft: Self.draft("ann"))])
        let claimed = try await store.claim(limit: 1, lease: .seconds(60), channels: [.email], least: .low)
        let request = AdmissionRequest(
            delivery: claimed[0].claim.delivery, epoch: claimed[0].claim.epoch, message: claimed[0].message,
            channel: .email)
        let results = try await store.admit(
            [request], policyVersion: 0, horizon: .seconds(60), attemptTimeout: .seconds(60)
        ) { request, facts, _ in
            let traits = ContactTraits(message: request.message.draft, channel: .email)
            return AdmissionDecision(verdict: .send(facts.profile!.addresses[0], traits), policyVersion: 0)
        }
        guard case .admitted(let admitted) = results[0] else {
            Issue.record("\(results)")
            return
        }
        _ = try await store.erase("ann")
        let change = DeliveryChange(.failed, reason: "rejected", attempt: 1, detail: "ann@x.example is unknown")
        let record = AttemptRecord(
            ledgerID: admitted.ledgerID, delivery: admitted.delivery, proof: .notSent, change: change)
        #expect(try await store.record([record]) == [true])
        #expect(try database.numbers("SELECT count(*) FROM log WHERE detail <> ''") == [0])
        await store.close()
    }
}
