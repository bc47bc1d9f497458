import GRDB
import SobreModel
import SobreStore
import SobreStoreConformance
import Testing

@testable import SobreSQLite

@Suite("An attempt belongs to the opening that has begun it")
struct AttemptOwnerTests {
    @Test("What was open in a file without owners belongs to one that is gone, and nothing else changes")
    func migration() async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(.epoch)
            let store = try SQLiteStore.open(directory: directory, time: time)
            let attempt = try await Self.admit(store)
            #expect(attempt.owner == store.incarnation)
            #expect(try await store.overdueAttempts(limit: 9).isEmpty)
            await store.close()
            let file = try DatabaseQueue(path: "\(directory)/\(DataDirectory.fileName)")
            try file.inDatabase { db in
                #expect(
                    try Int64.fetchAll(db, sql: "SELECT owner FROM attempt") == [attempt.owner.rawValue])
                // Restores the layout of the previous version.
                try db.execute(
                    sql: FormerLayout.withoutHolders + """
                        ALTER TABLE attempt DROP COLUMN owner;
                        DROP TABLE inbound;
                        DELETE FROM grdb_migrations WHERE identifier IN ('attempt_owner', 'inbound');
                        PRAGMA user_version = 3;
                        """)
            }
            try file.close()
            let again = try SQLiteStore.open(directory: directory, time: time)
            let overdue = try await again.overdueAttempts(limit: 9)
            #expect(overdue.map(\.ledgerID) == [attempt.ledgerID])
            #expect(overdue[0].owner == NodeIncarnation(rawValue: 0))
            let record = AttemptRecord(
                ledgerID: attempt.ledgerID, delivery: attempt.delivery, proof: .unknown,
                change: DeliveryChange(.unknown))
            #expect(try await again.record([record]) == [true])
            let ledger = try await again.facts(recipient: "ann", horizon: .seconds(60)).ledger
            #expect(ledger.map(\.committedAt) == [attempt.deadline])
            #expect(try await Self.admit(again).owner == again.incarnation)
            await again.close()
        }
    }

    @Test("Whoever opens the files has proof at once that the former owner is gone")
    func atOnce() async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(.epoch)
            let store = try SQLiteStore.open(directory: directory, time: time)
            let attempt = try await Self.admit(store)
            await store.close()
            let again = try SQLiteStore.open(directory: directory, time: time)
            #expect(try await again.overdueAttempts(limit: 9).map(\.owner) == [attempt.owner])
            #expect(again.incarnation != attempt.owner)
            await again.close()
        }
    }

    private static func admit(_ store: SQLiteStore) async throws -> AdmittedAttempt {
        let draft = MessageDraft(recipient: "ann", template: "hello", channels: [.email])
        _ = try await store.enqueue([Submission(draft: draft)])
        let claimed = try await store.claim(limit: 1, lease: .seconds(60), channels: [.email])[0]
        let request = AdmissionRequest(
            delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message, channel: .email,
            provider: "acme")
        let results = try await store.admit(
            [request], policyVersion: 1, horizon: .seconds(60), attemptTimeout: .seconds(30)
        ) { request, _, _ in
            AdmissionDecision(
                verdict: .send(
                    Address(channel: .email, value: "a@example.com"),
                    ContactTraits(message: request.message.draft, channel: .email)), policyVersion: 1)
        }
        guard case .admitted(let attempt) = results[0] else { throw StoreError(.internal, "It was not admitted.") }
        return attempt
    }
}
