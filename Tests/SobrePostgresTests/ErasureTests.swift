import Postgres
import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreStore
import Testing

@Suite(
    "Erasures in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct ErasureTests {
    private static func draft(_ recipient: String, campaign: String? = nil) -> MessageDraft {
        MessageDraft(
            recipient: recipient, template: "hello", campaign: campaign, category: "news", tags: ["for ann"],
            channels: [.email], data: Array(#"{"name":"Ann"}"#.utf8))
    }

    @Test(arguments: [1, 500])
    func `what was said is gone, what was promised stays`(batch: Int) async throws {
        let database = try TestDatabase()
        var configuration = database.configuration
        configuration.maxMessagesLocked = batch
        let store = try PostgresStore.open(configuration, time: database.time)
        let mailbox = Address(channel: .email, value: "ann@x.example")
        try await store.put([
            Profile(
                id: "ann", addresses: [mailbox],
                consents: [Consent(category: "news", granted: true, source: "form", evidence: "ip")],
                aliases: ["anon-1"])
        ])
        try await Author.$current.withValue(Author(name: "command:eve", note: "ann asked")) {
            try await store.suppress([
                Suppression(
                    subject: mailbox.subject, label: mailbox.masked, reason: .unsubscribed, source: "link",
                    at: TestDatabase.start, evidence: "by mail program")
            ])
        }
        let results = try await store.enqueue([
            Submission(
                draft: Self.draft("ann", campaign: "for ann"), idempotencyKey: "ann-1", requestHash: KeyHash("1")),
            Submission(draft: Self.draft("anon-1")), Submission(draft: Self.draft("bob")),
        ])
        let ids = results.compactMap(\.accepted)
        try #require(ids.count == 3)
        // An earlier attempt of the second message may have been sent.
        try database.connection().run(
            script: "UPDATE log SET possible_duplicate = true, number = 2 WHERE delivery = \(ids[1].rawValue)")

        let erasure = try await store.erase("anon-1")
        #expect(erasure == Erasure(messages: 2, cancelled: 2, suppressions: 2))
        #expect(try await store.profile("ann") == nil)
        #expect(try await store.message(ids[0])?.recipient == "")
        #expect(try await store.message(ids[0])?.data == Array("{}".utf8))
        #expect(try await store.message(ids[0])?.draft.campaign == "for …")
        #expect(try await store.message(ids[0])?.draft.tags == ["for …"])
        #expect(try await store.message(ids[2])?.recipient == "bob")
        #expect(try database.numbers("SELECT delivery FROM queue") == [ids[2].rawValue])
        let ended = [DeliveryState.cancelled, .unknown].map { Int64($0.rawValue) }.sorted()
        // The bucket -1 is that of the proof of durability.
        let tally = "SELECT state FROM tally WHERE deliveries = 1 AND bucket >= 0 ORDER BY state"
        #expect(try database.numbers(tally) == ended)
        #expect(try database.numbers("SELECT state FROM unsent ORDER BY state") == ended)
        #expect(
            try database.numbers("SELECT campaign FROM unsent WHERE delivery = \(ids[0].rawValue)")
                == [KeyHash("for …").stored])
        #expect(try database.numbers("SELECT number FROM log WHERE reason = 'cancelled' ORDER BY number") == [0, 2])
        #expect(try database.numbers("SELECT count(*) FROM message WHERE cancelled_at IS NOT NULL") == [2])
        // The key is recognised by its hash.
        let again = Submission(draft: Self.draft("ann"), idempotencyKey: "ann-1", requestHash: KeyHash("1"))
        #expect(try await store.enqueue([again]) == [.replayed(ids[0])])

        let left = try await store.suppressions(subject: nil, limit: 9)
        #expect(left.allSatisfy { $0.label.hasPrefix("erased-") && $0.evidence == nil })
        #expect(left.map(\.reason.rawValue).sorted() == ["erased", "erased", "unsubscribed"])
        let consents = try await store.consentHistory(of: "ann", after: 0, limit: 9)
        #expect(consents.map(\.recipient) == [""])
        #expect(consents.map(\.consent.evidence) == [nil])
        let entries = try await store.audit(AuditQuery())
        #expect(entries.map(\.subject).allSatisfy { $0.hasPrefix("erased-") })
        #expect(entries.map(\.author.note) == [""])
        // The second time there is nothing to do, and nobody has another ID.
        #expect(try await store.erase("ann")?.cancelled == 0)
        #expect(try await store.erase("nobody") == nil)
        #expect(
            try await store.put([Profile(id: "anon-1"), Profile(id: "eve", aliases: ["anon-1"])])
                == [.failure(.isAlias("anon-1", of: nil)), .failure(.aliasTaken("anon-1", by: nil))])
        // Who comes again is still suppressed.
        try await store.put([Profile(id: "ann", addresses: [mailbox])])
        let facts = try await store.facts(recipient: "ann", horizon: .seconds(60))
        #expect(facts.profile?.id == "ann")
        #expect(facts.suppressions.count == 3)
        await store.close()
    }

    @Test func `the audit trail is read by condition and page, and pruned but for its newest entry`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        for (index, name) in ["eve", "ann", "eve", "ann"].enumerated() {
            try await Author.$current.withValue(Author(name: name)) {
                try await store.suppress([
                    Suppression(
                        subject: .recipient("p\(index)"), label: "p\(index)", reason: .manual, channel: .sms,
                        source: "api", at: TestDatabase.start)
                ])
            }
            database.time.advance(by: .seconds(1))
        }
        let all = try await store.audit(AuditQuery())
        #expect(all.map(\.subject) == ["p3", "p2", "p1", "p0"])
        #expect(all[0].detail == "manual, sms")
        #expect(try await store.audit(AuditQuery(before: all[1].sequence, limit: 1)) == [all[2]])
        #expect(try await store.audit(AuditQuery(author: "ann")) == [all[0], all[2]])
        #expect(try await store.audit(AuditQuery(actions: [.merge])) == [])
        #expect(try await store.audit(AuditQuery(actions: [.merge, .suppress])) == all)
        #expect(try await store.audit(AuditQuery(since: all[2].at, until: all[0].at)) == Array(all[1...2]))
        #expect(try await store.pruneAudit(before: all[1].at, limit: 1) == 1)
        #expect(try await store.pruneAudit(before: .distantFuture, limit: 9) == 2)
        #expect(try await store.audit(AuditQuery()) == [all[0]])
        await store.close()
    }
}
