import JSON
import SobreHTTP
import SobreIntake
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Testing

@Suite struct MessageAPITests {
    let message = "{\"recipient\":\"ann\",\"template\":\"order-confirmed\",\"data\":{\"cds\":2}}"

    @Test func `A message is accepted, kept and shown`() async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("POST", "/v1/messages", json: message)
            #expect(answer.status == 202)
            let id = try #require(try answer.json()["id"]?.string)
            #expect(answer.headers["location"] == "/v1/messages/\(id)")
            #expect(answer.headers["idempotency-replayed"] == nil)
            #expect(try await server.store.message(try #require(MessageID(id)))?.draft.recipient == "ann")
            let shown = try await server.client.send("GET", "/v1/messages/\(id)")
            #expect(shown.status == 200)
            let json = try shown.json()
            #expect(json["recipient"]?.string == "ann")
            #expect(json["category"]?.string == "transactional")
            #expect(json["channels"]?.elements.map { $0.string } == ["email", "sms"])
            #expect(json["data"]?["cds"]?.int == 2)
            #expect(json["deliveries"]?[0]?["state"]?.string == "queued")
        }
    }

    @Test func `The same key and body is answered again, another body is refused`() async throws {
        try await TestServer.run { server in
            let headers = [("Idempotency-Key", "order-1001")]
            let first = try await server.client.send("POST", "/v1/messages", headers: headers, json: message)
            let again = try await server.client.send("POST", "/v1/messages", headers: headers, json: message)
            #expect(again.status == 202)
            #expect(again.headers["idempotency-replayed"] == "true")
            #expect(again.body == first.body)
            let other = try await server.client.send(
                "POST", "/v1/messages", headers: headers,
                json: "{\"recipient\":\"bob\",\"template\":\"order-confirmed\"}")
            #expect(other.status == 422)
            #expect(other.headers["content-type"] == "application/problem+json")
            #expect(try other.json()["code"]?.string == "idempotency_conflict")
            #expect(try await server.store.timeline(recipient: "bob", limit: 5).isEmpty)
        }
    }

    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `The request's trace is kept with each message, and a message's own counts before it`() async throws {
        let own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        try await TestServer.run { server in
            let headers = [("traceparent", Self.trace), ("Content-Type", "application/x-ndjson")]
            let lines = [message, String(message.dropLast()) + ",\"traceparent\":\"\(own)\"}"]
            let answer = try await server.client.send(
                "POST", "/v1/messages", headers: headers, body: Array(lines.joined(separator: "\n").utf8))
            let ids = try answer.json()["results"]?.elements.compactMap { $0["id"]?.string } ?? []
            try #require(ids.count == 2)
            for (id, expected) in zip(ids, [Self.trace, own]) {
                #expect(try await server.store.message(try #require(MessageID(id)))?.trace?.text == expected)
                let shown = try await server.client.send("GET", "/v1/messages/\(id)")
                #expect(try shown.json()["traceparent"]?.string == expected)
            }
            let log = try await server.client.send("GET", "/v1/log?recipient=ann")
            let traces = try log.json()["entries"]?.elements.map { $0["traceparent"]?.string } ?? []
            #expect(Set(traces) == [Self.trace, own] && traces.count == 2)
        }
    }

    @Test func `A header that is not valid is ignored, and a field that is not is an error`() async throws {
        try await TestServer.run { server in
            for headers in [
                [("traceparent", "00-zz-01")], [("traceparent", Self.trace + "-more")],
                [("traceparent", Self.trace), ("traceparent", Self.trace)], [("tracestate", "a=b")],
            ] {
                let answer = try await server.client.send("POST", "/v1/messages", headers: headers, json: message)
                #expect(answer.status == 202, "\(headers)")
                let id = try #require(try answer.json()["id"]?.string.flatMap { MessageID($0) })
                #expect(try await server.store.message(id)?.trace == nil, "\(headers)")
            }
            let wrong = try await server.client.send(
                "POST", "/v1/messages", json: String(message.dropLast()) + ",\"traceparent\":\"00-zz-01\"}")
            #expect(wrong.status == 422)
            #expect(try wrong.json()["field"]?.string == "traceparent")
            #expect(try wrong.json()["expected"]?.string?.contains(TraceParent.example) == true)
        }
    }

    @Test func `A repetition in another trace is the same request`() async throws {
        let field = ",\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}"
        try await TestServer.run { server in
            let key = ("Idempotency-Key", "order-1001")
            let first = try await server.client.send(
                "POST", "/v1/messages", headers: [key, ("traceparent", Self.trace)], json: message)
            let again = try await server.client.send(
                "POST", "/v1/messages", headers: [key], json: String(message.dropLast()) + field)
            #expect(again.status == 202 && again.body == first.body)
            let id = try #require(try first.json()["id"]?.string.flatMap { MessageID($0) })
            #expect(try await server.store.message(id)?.trace?.text == Self.trace)
        }
    }

    @Test func `Of many at once with one key, one becomes a message`() async throws {
        try await TestServer.run { server in
            let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let answer = try await server.client.send(
                            "POST", "/v1/messages", headers: [("Idempotency-Key", "one")], json: message)
                        return try answer.json()["id"]?.string
                    }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await server.store.timeline(recipient: "ann", limit: 50).count == 1)
        }
    }

    @Test func `NDJSON keeps its good lines and says which`() async throws {
        try await TestServer.run { server in
            let body = "\(message)\n{\"recipient\":1,\"template\":\"thank-you\"}\n\n{\"recipient\":\n\(message)\n"
            let answer = try await server.client.send(
                "POST", "/v1/messages", headers: [("Content-Type", "application/x-ndjson")], body: Array(body.utf8))
            #expect(answer.status == 207)
            let json = try answer.json()
            #expect(json["accepted"]?.int == 2)
            #expect(json["rejected"]?.int == 2)
            let results = try #require(json["results"])
            #expect(results.elements.map { $0["line"]?.int } == [1, 2, 4, 5])
            #expect(results.elements.map { $0["status"]?.string } == ["accepted", "rejected", "rejected", "accepted"])
            #expect(results[1]?["error"]?["code"]?.string == "wrong_type")
            #expect(results[1]?["error"]?["field"]?.string == "recipient")
            #expect(results[1]?["error"]?["expected"]?.string == "the id of the recipient")
            #expect(results[2]?["error"]?["code"]?.string == "invalid_json")
            #expect(results[2]?["error"]?["line"]?.int == 4)
        }
    }

    @Test func `An array is a batch: all good 202, none good 422, empty 400`() async throws {
        try await TestServer.run { server in
            let good = try await server.client.send("POST", "/v1/messages", json: "[\(message),\(message)]")
            #expect(good.status == 202)
            #expect(try good.json()["accepted"]?.int == 2)
            let bad = try await server.client.send("POST", "/v1/messages", json: "[{},5]")
            #expect(bad.status == 422)
            #expect(try bad.json()["rejected"]?.int == 2)
            let empty = try await server.client.send("POST", "/v1/messages", json: "[]")
            #expect(empty.status == 400)
            #expect(try empty.json()["code"]?.string == "empty_batch")
        }
    }

    @Test func `A batch has a bound of entries`() async throws {
        var limits = IntakeLimits()
        limits.maxBatch = 3
        try await TestServer.run(intakeLimits: limits) { server in
            let array = "[" + Array(repeating: message, count: 4).joined(separator: ",") + "]"
            #expect(try await server.client.send("POST", "/v1/messages", json: array).status == 413)
            let lines = Array(Array(repeating: message, count: 4).joined(separator: "\n").utf8) + [0x0A]
            let answer = try await server.client.send(
                "POST", "/v1/messages", headers: [("Content-Type", "application/x-ndjson")], body: lines)
            #expect(answer.status == 413)
            #expect(try answer.json()["code"]?.string == "too_many")
        }
    }

    @Test func `A waiting message can be cancelled`() async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("POST", "/v1/messages", json: message)
            let id = try #require(try answer.json()["id"]?.string)
            let cancelled = try await server.client.send("DELETE", "/v1/messages/\(id)")
            #expect(cancelled.status == 200)
            #expect(try cancelled.json()["deliveries"]?[0]?["state"]?.string == "cancelled")
            let explained = try await server.client.send("GET", "/v1/messages/\(id)/explanation")
            #expect(explained.status == 200)
            let delivery = try explained.json()["deliveries"]?[0]
            #expect(delivery?["state"]?.string == "cancelled")
            #expect(delivery?["history"]?.elements.map { $0["state"]?.string } == ["queued", "cancelled"])
            #expect(try await server.client.send("DELETE", "/v1/messages/0000000000001").status == 404)
            #expect(try await server.client.send("GET", "/v1/messages/not-an-id").status == 404)
        }
    }

    @Test func `Messages are listed by person`() async throws {
        try await TestServer.run { server in
            _ = try await server.client.send("POST", "/v1/messages", json: message)
            let mine = try await server.client.send("GET", "/v1/messages?recipient=ann")
            #expect(try mine.json()["messages"]?.count == 1)
            let other = try await server.client.send("GET", "/v1/messages?recipient=bob&limit=5")
            #expect(try other.json()["messages"]?.count == 0)
            // Without conditions all are listed.
            let all = try await server.client.send("GET", "/v1/messages")
            #expect(try all.json()["messages"]?.count == 1)
            let wrong = try await server.client.send("GET", "/v1/messages?person=ann")
            #expect(wrong.status == 400)
            #expect(try wrong.json()["field"]?.string == "person")
        }
    }

    @Test func `A decision is made without sending`() async throws {
        try await TestServer.run(dryRun: { draft, _ in
            let decision = AdmissionDecision(
                verdict: .hold(until: Instant(milliseconds: 1000), .quietHours), policyVersion: 3,
                explanation: Array("{\"steps\":[]}".utf8), summary: draft.recipient)
            return [(.email, decision)]
        }) { server in
            let answer = try await server.client.send("POST", "/v1/decisions", json: message)
            #expect(answer.status == 200)
            let decision = try answer.json()["decisions"]?[0]
            #expect(decision?["verdict"]?.string == "hold")
            #expect(decision?["reason"]?.string == "quiet_hours")
            #expect(decision?["until"]?.string == "1970-01-01T00:00:01Z")
            #expect(decision?["summary"]?.string == "ann")
            #expect(decision?["trace"]?["steps"]?.count == 0)
            #expect(try await server.store.timeline(recipient: "ann", limit: 5).isEmpty)
            let wrong = try await server.client.send("POST", "/v1/decisions", json: "{}")
            #expect(wrong.status == 422)
        }
    }
}
