import JSON
import SobreModel
import SobreStore
import Testing

@testable import SobreHTTP

@Suite("What waits, over the API")
struct QueueAPITests {
    private static func message(_ recipient: String, _ campaign: String, more: String = "") -> String {
        """
        {"recipient": "\(recipient)", "template": "order-confirmed", "data": {"cds": 2}, "channels": ["email"], "campaign": "\(campaign)",
         "tags": ["promo/summer"]\(more)}
        """
    }

    private static func fill(_ server: TestServer) async throws -> [String] {
        var ids: [String] = []
        for (index, campaign) in ["spring", "summer", "summer"].enumerated() {
            let answer = try await server.client.send("POST", "/v1/messages", json: message("p\(index)", campaign))
            ids.append(try #require(try answer.json()["id"]?.string))
        }
        return ids
    }

    @Test func `The queue is counted by state, channel and campaign`() async throws {
        try await TestServer.run { server in
            _ = try await Self.fill(server)
            let answer = try await server.client.send("GET", "/v1/queue")
            #expect(answer.status == 200)
            let queue = try answer.json()
            #expect(queue["waiting"]?.int == 3)
            #expect(queue["in_flight"]?.int == 0)
            #expect(queue["groups"]?.elements.map { $0["campaign"]?.string } == ["summer", "spring"])
            #expect(queue["groups"]?.elements.map { $0["count"]?.int } == [2, 1])
            #expect(queue["groups"]?.elements.map { $0["state"]?.string } == ["queued", "queued"])
            #expect(queue["channels"]?[0]?["channel"]?.string == "email")
            #expect(queue["oldest_due_at"]?.string != nil)
            #expect(queue["oldest_due_age_ms"]?.int != nil)
            let cut = try await server.client.send("GET", "/v1/queue?limit=1").json()
            #expect(cut["groups"]?.count == 1)
            #expect(cut["omitted_groups"]?.int == 1)
            #expect(try await server.client.send("GET", "/v1/queue?limit=x").status == 400)
        }
    }

    @Test func `Messages are listed by their present state, in pages`() async throws {
        try await TestServer.run { server in
            let ids = try await Self.fill(server)
            _ = try await server.client.send("DELETE", "/v1/messages/\(ids[2])")
            func list(_ query: String) async throws -> [String] {
                var found: [String] = []
                var after = ""
                repeat {
                    let page = try await server.client.send("GET", "/v1/messages?limit=1&\(query)\(after)").json()
                    found += page["messages"]?.elements.compactMap { $0["id"]?.string } ?? []
                    after = page["next_after"]?.string.map { "&after=\($0)" } ?? ""
                } while !after.isEmpty
                return found.sorted()
            }
            #expect(try await list("state=queued") == [ids[0], ids[1]])
            #expect(try await list("state=queued&campaign=summer&tag=promo") == [ids[1]])
            #expect(try await list("state=queued,cancelled&campaign=summer") == [ids[1], ids[2]])
            #expect(try await list("state=cancelled&reason=cancelled") == [ids[2]])
            #expect(try await list("state=held") == [])
            #expect(try await list("channel=email") == ids)
            let page = try await server.client.send("GET", "/v1/messages?state=cancelled").json()
            #expect(page["messages"]?[0]?["state"]?.string == "cancelled")
            #expect(page["messages"]?[0]?["final"]?.bool == true)
            for wrong in ["state=lost", "reason=whim", "channel=fax", "after=!", "after=g.1", "since=yesterday", "x=1"]
            {
                #expect(try await server.client.send("GET", "/v1/messages?\(wrong)").status == 400, "\(wrong)")
            }
        }
    }

    @Test func `Messages are looked up by their ids, in one request`() async throws {
        try await TestServer.run { server in
            let ids = try await Self.fill(server)
            let unknown = "0000000000010"
            let body = "{\"ids\": [\"\(ids[2])\", \"\(unknown)\", \"\(ids[0])\", \"what\"]}"
            let answer = try await server.client.send("POST", "/v1/messages/lookup", json: body)
            #expect(answer.status == 200)
            let found = try answer.json()
            #expect(found["messages"]?.elements.map { $0["id"]?.string } == [ids[2], ids[0]])
            #expect(found["messages"]?.elements.map { $0["state"]?.string } == ["queued", "queued"])
            #expect(found["unknown"]?.elements.map(\.string) == ["what", unknown])
            let many = "{\"ids\": [\(Array(repeating: "\"a\"", count: 1_001).joined(separator: ","))]}"
            for wrong in [
                "{}", "{\"ids\": []}", "{\"ids\": [1]}", "{\"ids\": \"a\"}", "{\"ids\": [\"a\"], \"x\": 1}", many,
            ] {
                #expect(try await server.client.send("POST", "/v1/messages/lookup", json: wrong).status == 422)
            }
        }
    }
}

@Suite("Changes by conditions, and the audit trail, over the API")
struct StateOrderAPITests {
    private static func fill(_ server: TestServer) async throws {
        for (index, campaign) in ["spring", "summer", "summer"].enumerated() {
            let message = """
                {"recipient": "p\(index)", "template": "order-confirmed", "data": {"cds": 2}, "channels": ["email"], "campaign": "\(campaign)"}
                """
            #expect(try await server.client.send("POST", "/v1/messages", json: message).status == 202)
        }
    }

    @Test func `A cancellation by conditions is counted, made in parts and named in the trail`() async throws {
        try await TestServer.run { server in
            try await Self.fill(server)
            let dry = try await server.client.send(
                "POST", "/v1/messages/cancel", json: #"{"campaign": "summer", "dry_run": true}"#)
            #expect(dry.status == 200)
            #expect(try dry.json()["changed"]?.int == 2)
            #expect(try dry.json()["dry_run"]?.bool == true)
            let queue = try await server.client.send("GET", "/v1/queue").json()
            #expect(queue["waiting"]?.int == 3)
            var (changed, parts) = (0, 0)
            var after = ""
            repeat {
                let answer = try await server.client.send(
                    "POST", "/v1/messages/cancel", headers: [("Sobre-Note", "wrong%20prices")],
                    json: #"{"campaign": "summer", "limit": 1\#(after)}"#)
                let part = try answer.json()
                changed += part["changed"]?.int ?? 0
                parts += 1
                after = part["next_after"]?.string.map { #", "after": "\#($0)""# } ?? ""
            } while !after.isEmpty && parts < 10
            #expect(changed == 2)
            let left = try await server.client.send("GET", "/v1/queue").json()
            #expect(left["waiting"]?.int == 1)
            let trail = try await server.client.send("GET", "/v1/audit?action=cancel").json()
            #expect(trail["entries"]?.count == 2)
            #expect(trail["entries"]?[0]?["note"]?.string == "wrong prices")
            #expect(trail["entries"]?[0]?["by"]?.string == "a client on this machine")
            #expect(trail["entries"]?[0]?["subject"]?.string?.contains("campaign summer") == true)
            let page = try await server.client.send("GET", "/v1/audit?limit=1").json()
            let before = try #require(page["next_before"]?.int)
            let next = try await server.client.send("GET", "/v1/audit?limit=5&before=\(before)").json()
            #expect(next["entries"]?.elements.allSatisfy { $0["sequence"]!.int! < before } == true)
        }
    }

    @Test(
        arguments: [
            ("cancel", "{}", "state"), ("retry", "{\"dry_run\": true}", "state"),
            ("retry", "{\"state\": \"sent\"}", "state"),
            ("retry", "{\"state\": [\"unknown\"]}", "state"), ("cancel", "{\"state\": \"failed\"}", "state"),
            ("cancel", "{\"campain\": \"x\"}", "campain"), ("retry", "{\"channel\": \"fax\"}", "channel"),
            ("retry", "{\"campaign\": \"x\", \"limit\": 0}", "limit"),
            ("retry", "{\"campaign\": \"x\", \"after\": \"!\"}", "after"),
            ("retry", "{\"since\": \"yesterday\"}", "since"), ("retry", "{\"reason\": [\"whim\"]}", "reason[0]"),
        ])
    func `An order that is empty or wrong changes nothing and names the field`(
        action: String, body: String, field: String
    ) async throws {
        try await TestServer.run { server in
            try await Self.fill(server)
            let answer = try await server.client.send("POST", "/v1/messages/\(action)", json: body)
            #expect(answer.status == 422)
            #expect(try answer.json()["field"]?.string == field)
            #expect(try await server.client.send("GET", "/v1/queue").json()["waiting"]?.int == 3)
        }
    }

    @Test func `A note that cannot be read is refused, and a user is taken from the owner alone`() async throws {
        try await TestServer.run { server in
            try await Self.fill(server)
            for (name, value) in [
                ("Sobre-Note", "%"), ("Sobre-Note", "a%0Ab"), ("Sobre-Note", String(repeating: "x", count: 501)),
            ] {
                let answer = try await server.client.send("GET", "/v1/queue", headers: [(name, value)])
                #expect(answer.status == 400)
                #expect(try answer.json()["field"]?.string == name)
            }
            _ = try await server.client.send(
                "POST", "/v1/messages/cancel", headers: [("Sobre-User", "root")], json: #"{"campaign": "summer"}"#)
            let trail = try await server.client.send("GET", "/v1/audit").json()
            #expect(trail["entries"]?[0]?["by"]?.string == "a client on this machine")
        }
    }
}
