import JSON
import SobreHTTP
import SobreModel
import SobreSettings
import SobreStore
import Testing

@Suite struct ProtocolTests {
    @Test(arguments: ["/health/live", "/health/ready", "/metrics", "/v1/status", "/v1/log", "/v1/suppressions"])
    func `HEAD is answered as GET is, without a body`(path: String) async throws {
        try await TestServer.run { server in
            let head = try await server.client.send("HEAD", path)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            let get = try await server.client.send("GET", path)
            #expect(head.headers["content-type"] == get.headers["content-type"])
        }
    }

    @Test func `HEAD of what is not there is 404, and of what has no GET 405`() async throws {
        try await TestServer.run { server in
            #expect(try await server.client.send("HEAD", "/v1/profiles/nobody").status == 404)
            let wrong = try await server.client.send("HEAD", "/v1/decisions")
            #expect(wrong.status == 405)
            #expect(wrong.headers["allow"] == "POST")
        }
    }

    @Test(arguments: ["", "Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nhost: evil.example\r\n"])
    func `HTTP/1.1 without one Host is 400`(lines: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.exchange { connection in
                connection.send(
                    "POST /v1/messages HTTP/1.1\r\n\(lines)Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                )
                return try RawResponse(connection.readToEnd())
            }
            #expect(answer.status == 400)
            let problem = try answer.json()
            #expect(problem["code"]?.string == "malformed_request")
            #expect(problem["detail"]?.string == "The request has no Host field, or several.")
            #expect(answer.headers["connection"] == "close")
        }
    }

    @Test func `HTTP/1.0 needs no Host`() async throws {
        try await TestServer.run { server in
            let answer = try await server.client.exchange { connection in
                connection.send("GET /health/live HTTP/1.0\r\n\r\n")
                return try RawResponse(connection.readToEnd())
            }
            #expect(answer.status == 200)
        }
    }

    @Test func `A decision is made at the time that is asked for`() async throws {
        try await TestServer.run(dryRun: { draft, at in
            let decision = AdmissionDecision(verdict: .expire, policyVersion: 1, summary: at?.rfc3339 ?? "now")
            return [(draft.channels.first, decision)]
        }) { server in
            let asked = #"{"at":"2027-03-01T09:00:00Z","recipient":"ann","template":"order-confirmed"}"#
            let answer = try await server.client.send("POST", "/v1/decisions", json: asked).json()
            #expect(answer["at"]?.string == "2027-03-01T09:00:00Z")
            #expect(answer["decisions"]?[0]?["summary"]?.string == "2027-03-01T09:00:00Z")
            let now = try await server.client.send(
                "POST", "/v1/decisions", json: #"{"recipient":"ann","template":"order-confirmed","at":null}"#)
            #expect(try now.json()["decisions"]?[0]?["summary"]?.string == "now")
            for (body, field) in [
                (#"{"recipient":"ann","template":"order-confirmed","at":"soon"}"#, "at"),
                (#"{"recipient":"ann","template":"order-confirmed","at":7}"#, "at"),
                (#"{"at":"2027-03-01T09:00:00Z","template":"order-confirmed"}"#, "recipient"),
            ] {
                let wrong = try await server.client.send("POST", "/v1/decisions", json: body)
                #expect(wrong.status == 422)
                #expect(try wrong.json()["field"]?.string == field)
            }
        }
    }

    @Test func `A full store answers batches with 507 and is not ready`() async throws {
        var limits = StoreLimits()
        limits.maxBytes = 1 << 20
        try await TestServer.run(storeLimits: limits) { server in
            let data = String(repeating: "x", count: 8_000)
            let line = #"{"recipient":"ann","template":"order-confirmed","data":{"note":"\#(data)"}}"# + "\n"
            let batch = Array(String(repeating: line, count: 50).utf8)
            var last = 202
            for _ in 0..<20 where last == 202 || last == 207 {
                last = try await server.client.send(
                    "POST", "/v1/messages", headers: [("Content-Type", "application/x-ndjson")], body: batch
                ).status
            }
            #expect(last == 507)
            // What a batch left free is filled message by message.
            for _ in 0..<100 {
                let one = try await server.client.send("POST", "/v1/messages", json: line)
                if one.status == 507 { break }
            }
            let people = (0..<50).map { #"{"id":"p\#($0)","attributes":{"note":"\#(data)"}}"# + "\n" }.joined()
            let profiles = try await server.client.send(
                "POST", "/v1/profiles", headers: [("Content-Type", "application/x-ndjson")], body: Array(people.utf8))
            #expect(profiles.status == 507)
            let ready = try await server.client.send("GET", "/health/ready")
            #expect(ready.status == 503)
            #expect(try ready.json()["detail"]?.string?.contains("store.min_room") == true)
        }
    }
}
