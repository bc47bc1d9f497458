import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreStore
import SobreWire
import Testing

@Suite("Subscriptions to events over the API") struct EventAPITests {
    private static let path = "/v1/event-subscriptions"

    /// A server whose store has three messages and a subscription at the end of their log.
    private static func run(_ body: (TestServer, [LogRow]) async throws -> Void) async throws {
        try await TestServer.run { server in
            let drafts = (0..<3).map { MessageDraft(recipient: "p\($0)", template: "t", channels: [.email]) }
            _ = try await server.store.enqueue(drafts.map { Submission(draft: $0) })
            let rows = try await server.store.log(LogQuery(direction: .forward(after: nil))).rows
            _ = try await server.store.begin(subscription: "s", after: rows.last?.cursor)
            try await body(server, rows)
        }
    }

    @Test func `An order is carried out, answered and in the audit trail with its note`() async throws {
        try await Self.run { server, rows in
            let paused = try await server.client.send(
                "POST", "\(Self.path)/s/pause", headers: [("Sobre-Note", "new%20key")])
            #expect(paused.status == 200)
            #expect(try paused.json()["pause_reason"]?.string == "new key")
            #expect(try paused.json()["paused_since"] != nil)
            let resumed = try await server.client.send("POST", "\(Self.path)/s/resume")
            #expect(try resumed.json()["paused_since"] == nil && resumed.json()["generation"]?.int == 3)
            let cursor = rows[0].cursor.description
            let replayed = try await server.client.send("POST", "\(Self.path)/s/replay?after=\(cursor)")
            #expect(try replayed.json()["cursor"]?.string == cursor && replayed.json()["last_event"]?.string == cursor)
            let whole = try await server.client.send("POST", "\(Self.path)/s/replay?after=0")
            #expect(try whole.json()["cursor"] == nil)
            let since = try await server.client.send("POST", "\(Self.path)/s/replay?since=2001-01-01T00:00:00Z")
            #expect(since.status == 200)
            let actions = try await server.store.audit(AuditQuery()).map(\.action)
            #expect(actions == [.eventsReplayed, .eventsReplayed, .eventsReplayed, .eventsResumed, .eventsPaused])
        }
    }

    @Test(arguments: [
        ("s/replay", 400), ("s/replay?after=0&since=2001-01-01T00:00:00Z", 400), ("s/replay?after=999999", 400),
        ("s/replay?after=x%2F", 400), ("s/replay?since=yesterday", 400), ("s/replay?from=0", 400), ("s/pause?x=1", 400),
        ("nobody/pause", 404), ("nobody/resume", 404), ("nobody/replay?after=0", 404),
    ])
    func `An order that cannot be carried out changes nothing`(order: String, status: Int) async throws {
        try await Self.run { server, _ in
            let before = try await server.store.eventSubscriptions()
            #expect(try await server.client.send("POST", "\(Self.path)/\(order)").status == status)
            #expect(try await server.store.eventSubscriptions() == before)
        }
    }

    @Test func `Only a key with the scope admin may order, and one with read may look`() async throws {
        let key = APIKey.generate()
        try await TestServer.run(keys: [key.record(label: "x", scopes: [.read], createdAt: .epoch)]) { server in
            func status(_ method: String, _ path: String) async throws -> Int {
                try await server.client.send(
                    method, path, headers: [("Authorization", "Bearer \(key.secret)")]
                ).status
            }
            let listed = try await status("GET", Self.path)
            #expect(listed == 200)
            for order in ["pause", "resume", "replay?after=0"] {
                let refused = try await status("POST", "\(Self.path)/s/\(order)")
                #expect(refused == 403)
            }
        }
    }
}
