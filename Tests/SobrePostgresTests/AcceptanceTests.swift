import Postgres
import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreStore
import Testing

@Suite(
    "Messages in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct AcceptanceTests {
    static func draft(_ recipient: String = "ann", channels: [Channel] = [.email]) -> MessageDraft {
        MessageDraft(recipient: recipient, template: "hello", channels: channels)
    }

    static func submission(_ recipient: String = "ann", key: String? = nil, request: String = "one") -> Submission {
        Submission(draft: draft(recipient), idempotencyKey: key, requestHash: KeyHash(request))
    }

    @Test func `a message is read back with everything it was given`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        let file = EmailContent.Attachment(
            filename: "é.pdf", contentType: "application/pdf", content: [0, 1, 255])
        let full = MessageDraft(
            recipient: "zoë", template: "hello", campaign: "c", journey: "j", category: "news", topic: "t",
            tags: ["a/b", "c"], channels: Channel.allCases.reversed(), route: .all, priority: .high,
            sendAt: TestDatabase.start + .seconds(5), expiresAt: TestDatabase.start + .seconds(50), dedupKey: "d",
            data: Array(#"{"n":[1,2]}"#.utf8), bestTimeWithin: .seconds(10), tenant: "shop \"é\"", isTest: true,
            capFlags: CapFlags(obeys: false, counts: true, by: "key:x"))
        var filed = Self.draft("b")
        filed.attachments = [file]
        let ids = try await store.enqueue([Submission(draft: full), Submission(draft: filed)]).map { $0.accepted }
        let (first, second) = (try #require(ids[0]), try #require(ids[1]))
        await store.close()
        let again = try database.open()
        #expect(try await again.message(first)?.draft == full)
        #expect(try await again.message(first)?.acceptedAt == TestDatabase.start)
        #expect(try await again.message(second)?.draft.attachments.map(\.filename) == ["é.pdf"])
        #expect(try await again.attachments(of: second) == [[0, 1, 255]])
        #expect(try await again.attachments(of: first) == [])
        #expect(try await again.message(MessageID(rawValue: 1 << 30)) == nil)
        await again.close()
    }

    @Test func `ids grow in the order of the submissions, and carry the bucket`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        let people = (0..<300).map { "person-\($0)" }
        let ids = try await store.enqueue(people.map { Self.submission($0) }).compactMap(\.accepted)
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 300)
        for (id, person) in zip(ids, people) {
            #expect(id.rawValue >> 4 & 511 == Int64(KeyHash.recipient(person).rawValue % 512))
            #expect(id.rawValue & 15 == 0)
        }
        #expect(try database.numbers("SELECT count(*) FROM message WHERE bucket = (id >> 4) & 511") == [300])
        await store.close()
    }

    @Test func `each delivery waits in the queue and has a log entry`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        var all = Self.draft(channels: [.sms, .email])
        all.route = .all
        var later = Self.draft()
        later.priority = .critical
        later.sendAt = TestDatabase.start + .seconds(60)
        let ids = try await store.enqueue([Submission(draft: all), Submission(draft: later)]).compactMap(\.accepted)
        let due = TestDatabase.start.milliseconds
        let deliveries = [ids[0].delivery(0), ids[0].delivery(1), ids[1].delivery(0)].map(\.rawValue)
        #expect(try database.numbers("SELECT delivery FROM queue ORDER BY delivery") == deliveries)
        #expect(try database.numbers("SELECT due_at FROM queue ORDER BY delivery") == [due, due, due + 60_000])
        #expect(
            try database.numbers("SELECT channel FROM queue ORDER BY delivery")
                == [Channel.sms, .email, .email].map { Int64($0.rawValue) })
        #expect(try database.numbers("SELECT rank FROM queue ORDER BY delivery") == [2, 2, 0])
        let states = [DeliveryState.queued, .queued, .scheduled].map { Int64($0.rawValue) }
        #expect(try database.numbers("SELECT state FROM queue ORDER BY delivery") == states)
        #expect(try database.numbers("SELECT state FROM log ORDER BY delivery") == states)
        #expect(try database.numbers("SELECT delivery FROM log ORDER BY id") == deliveries)
        await store.close()
    }

    @Test func `the same key and request is a replay, another request a conflict`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        let (first, other) = (Self.submission(key: "k"), Self.submission("bob", key: "k", request: "two"))
        let results = try await store.enqueue([first, first, other])
        let id = try #require(results[0].accepted)
        #expect(results == [.accepted(id), .replayed(id), .conflict(id)])
        #expect(try await store.enqueue([other, first]) == [.conflict(id), .replayed(id)])
        // Of an erased recipient's message the hash of the key alone is left.
        try database.connection().run(script: "UPDATE idempotency SET key = ''")
        #expect(try await store.enqueue([first]) == [.replayed(id)])
        #expect(try database.numbers("SELECT count(*) FROM message") == [1])
        await store.close()
    }

    @Test func `of many tasks on two nodes that submit the same keys, one is accepted for each key`() async throws {
        let database = try TestDatabase()
        let nodes = [try database.open(), try database.open()]
        let keys = (0..<8).map { "key-\($0)" }
        let results = try await withThrowingTaskGroup(of: [SubmissionResult].self) { group in
            for task in 0..<32 {
                let order = task % 3 == 0 ? keys : task % 3 == 1 ? keys.reversed() : keys.shuffled()
                group.addTask { try await nodes[task % 2].enqueue(order.map { Self.submission($0, key: $0) }) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(results.compactMap(\.accepted).count == 8)
        #expect(results.count { if case .replayed = $0 { true } else { false } } == 32 * 8 - 8)
        #expect(try database.numbers("SELECT count(*) FROM message") == [8])
        for node in nodes { await node.close() }
    }

    /// A deferred trigger warns while COMMIT runs, so that its answer says nothing; the messages are written.
    @Test(arguments: ["k", nil])
    func `a batch whose COMMIT had no answer but was carried out is accepted once`(key: String?) async throws {
        let database = try TestDatabase()
        try database.connection().run(
            script: """
                CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'late'; RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON message DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                EXECUTE FUNCTION warn();
                """)
        let store = try database.open()
        let id = try #require(try await store.enqueue([Self.submission(key: key)])[0].accepted)
        #expect(try database.numbers("SELECT id FROM message") == [id.rawValue])
        #expect(try database.numbers("SELECT count(*) FROM queue") == [1])
        await store.close()
    }

    /// The first COMMIT ends its own session. A sequence remembers it, because it is not rolled back.
    @Test(arguments: ["k", nil])
    func `a batch whose COMMIT had no answer and was not carried out is written again`(key: String?) async throws {
        let database = try TestDatabase()
        try database.connection().run(
            script: """
                CREATE SEQUENCE tries;
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('tries') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END IF;
                RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON message DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                EXECUTE FUNCTION die();
                """)
        let store = try database.open()
        let id = try #require(try await store.enqueue([Self.submission(key: key)])[0].accepted)
        #expect(try database.numbers("SELECT id FROM message") == [id.rawValue])
        #expect(try database.numbers("SELECT last_value FROM tries") == [2])
        await store.close()
    }

    @Test func `a message without a channel is refused, and nothing of its batch is written`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        let error = await #expect(throws: StoreError.self) {
            try await store.enqueue([Self.submission(), Submission(draft: Self.draft(channels: []))])
        }
        #expect(error?.code == .internal)
        #expect(try database.numbers("SELECT count(*) FROM message") == [0])
        #expect(try await store.enqueue([]) == [])
        await store.close()
        let closed = await #expect(throws: StoreError.self) { try await store.enqueue([Self.submission()]) }
        #expect(closed?.code == .closed)
    }

    @Test func `an unknown channel or route is an error, never another value`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        let id = try #require(try await store.enqueue([Self.submission()])[0].accepted)
        for change in ["route = 99", "channels = '\\xff'", "channels = ''"] {
            try database.connection().run(script: "UPDATE message SET \(change)")
            let error = await #expect(throws: StoreError.self) { try await store.message(id) }
            #expect(error?.code == .incompatible)
            try database.connection().run(script: "UPDATE message SET route = 0")
        }
        await store.close()
    }
}
