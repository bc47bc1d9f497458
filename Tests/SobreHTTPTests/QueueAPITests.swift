import JSON
import SobreModel
import SobreStore
import Testing

@testable import SobreHTTP

@Suite("What waits, over the API")
struct QueueAPITests {
    private static func message(_ recipient: String, _ campaign: String, more: String = "") -> String {
        """
        {"recipient": "\(recipient)", "template": "hello", "channels": ["email"], "campaign": "\(campaign)",
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
