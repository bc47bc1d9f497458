import ChildProcess
import Foundation
import JSON
import SobreHTTP
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire
import Testing

/// What every client may rely on: request ids, entity tags, compressed bodies, names of members.
@Suite struct ContractTests {
    private static func gzip(_ text: String) throws -> [UInt8] {
        let path = "/tmp/sobre-gzip-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { for suffix in ["", ".gz"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let process = try ChildProcess(path: "/usr/bin/gzip", arguments: ["-9", "-k", path])
        try #require(process.wait(atMost: .seconds(60)) == .exited(code: 0))
        return [UInt8](try Data(contentsOf: URL(filePath: path + ".gz")))
    }

    private static let packed = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")]
    private static let order = #"{"recipient":"ann","template":"order-confirmed"}"#

    // MARK: Request ids

    @Test(arguments: [
        ("GET", "/health/live", 200), ("GET", "/v1/profiles/nobody", 404), ("GET", "/nowhere", 404),
        ("PUT", "/v1/messages", 405), ("HEAD", "/metrics", 200),
    ])
    func `every answer names its request, each another`(method: String, path: String, status: Int) async throws {
        try await TestServer.run { server in
            let first = try await server.client.send(method, path)
            let second = try await server.client.send(method, path)
            #expect(first.status == status)
            let id = try #require(first.headers["x-request-id"])
            #expect(id.count >= 8)
            #expect(second.headers["x-request-id"] != id)
        }
    }

    // MARK: The description

    @Test func `openapi yaml is answered without a key, and not again while it is the same`() async throws {
        let key = APIKey.generate()
        let record = key.record(label: "x", scopes: [.read], createdAt: SystemTime().now(), expiresAt: nil)
        try await TestServer.run(keys: [record]) { server in
            let answer = try await server.client.send("GET", "/openapi.yaml")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/yaml")
            #expect(answer.text.contains("openapi: 3.1.0\n"))
            let tag = try #require(answer.headers["etag"])
            let again = try await server.client.send("GET", "/openapi.yaml", headers: [("If-None-Match", tag)])
            #expect(again.status == 304)
            #expect(again.body.isEmpty)
            #expect(again.headers["etag"] == tag)
        }
    }

    // MARK: Entity tags

    @Test func `a profile is replaced and patched only in the version that was read`() async throws {
        try await TestServer.run { server in
            let client = server.client
            let one = #"{"attributes":{"n":1}}"#
            let two = #"{"attributes":{"n":2}}"#
            let early = try await client.send("PUT", "/v1/profiles/ann", headers: [("If-Match", "*")], json: one)
            #expect(early.status == 412)
            #expect(try await client.send("PUT", "/v1/profiles/ann", json: one).status == 200)
            let tag = try #require(try await client.send("GET", "/v1/profiles/ann").headers["etag"])
            #expect(tag.wholeMatch(of: /"[0-9a-f]{32}"/) != nil)
            let put = try await client.send("PUT", "/v1/profiles/ann", headers: [("If-Match", tag)], json: two)
            #expect(put.status == 200)
            let next = try #require(put.headers["etag"])
            #expect(next != tag)
            for method in ["PUT", "PATCH"] {
                let late = try await client.send(method, "/v1/profiles/ann", headers: [("If-Match", tag)], json: one)
                #expect(late.status == 412)
                #expect(try late.json()["code"]?.string == "precondition_failed")
            }
            let shown = try await client.send("GET", "/v1/profiles/ann")
            #expect(shown.headers["etag"] == next)
            #expect(try shown.json()["attributes"]?["n"]?.int == 2)
            let same = try await client.send("GET", "/v1/profiles/ann", headers: [("If-None-Match", next)])
            #expect(same.status == 304)
            let patch = try await client.send(
                "PATCH", "/v1/profiles/ann", headers: [("If-Match", "\"another\", \(next)")],
                json: #"{"country":"US"}"#)
            #expect(patch.status == 200)
            let now = try await client.send("GET", "/v1/profiles/ann").headers["etag"]
            #expect(patch.headers["etag"] == now)
            let weak = try await client.send(
                "PATCH", "/v1/profiles/ann", headers: [("If-Match", "W/\(next)")], json: one)
            #expect(weak.status == 412)
        }
    }

    @Test func `a condition that cannot be kept is refused`() async throws {
        try await TestServer.run { server in
            let client = server.client
            #expect(try await client.send("PUT", "/v1/profiles/ann", json: "{}").status == 200)
            for (method, header, value) in [
                ("PUT", "If-None-Match", "*"), ("PUT", "If-Match", "abc"), ("PATCH", "If-Match", "\"a"),
                ("DELETE", "If-Match", "*"),
            ] {
                let answer = try await client.send(method, "/v1/profiles/ann", headers: [(header, value)], json: "{}")
                #expect(answer.status == 400, "\(method) \(header)")
                #expect(try answer.json()["code"]?.string == "invalid_header")
                #expect(try answer.json()["field"]?.string == header)
            }
        }
    }

    @Test func `of two changes of one version one is made`() async throws {
        try await TestServer.run { server in
            #expect(try await server.client.send("PUT", "/v1/profiles/ann", json: "{}").status == 200)
            let tag = try #require(try await server.client.send("GET", "/v1/profiles/ann").headers["etag"])
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await server.client.send(
                            number.isMultiple(of: 2) ? "PUT" : "PATCH", "/v1/profiles/ann",
                            headers: [("If-Match", tag)],
                            json: #"{"attributes":{"n":\#(number)}}"#
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 412, 412, 412, 412, 412, 412, 412])
        }
    }

    // MARK: Compressed bodies

    @Test func `a body that gzip compressed is read like another`() async throws {
        try await TestServer.run { server in
            for encoding in ["gzip", "x-gzip", "GZIP"] {
                let answer = try await server.client.send(
                    "POST", "/v1/messages",
                    headers: [("Content-Type", "application/json"), ("Content-Encoding", encoding)],
                    body: try Self.gzip(Self.order))
                #expect(answer.status == 202, "\(encoding)")
            }
            let lines = String(repeating: Self.order + "\n", count: 2_000)
            let batch = try await server.client.send(
                "POST", "/v1/messages",
                headers: [("Content-Type", "application/x-ndjson"), ("Content-Encoding", "gzip")],
                body: try Self.gzip(lines))
            #expect(batch.status == 202)
            #expect(try batch.json()["accepted"]?.int == 2_000)
        }
    }

    @Test func `a decompression bomb is refused and leaves nothing taken`() async throws {
        var limits = HTTPLimits()
        limits.maxBodyBytes = 1 << 20
        limits.maxBatchBytes = 2 << 20
        try await TestServer.run(limits: limits) { server in
            let bomb = try Self.gzip(String(repeating: " ", count: 40 << 20) + Self.order)
            #expect(bomb.count < 60_000)
            for (method, path) in [("POST", "/v1/messages"), ("PUT", "/v1/profiles/ann"), ("POST", "/v1/keys")] {
                let answer = try await server.client.send(method, path, headers: Self.packed, body: bomb)
                #expect(answer.status == 413)
                #expect(try answer.json()["code"]?.string == "body_too_large")
            }
            let status = try await server.client.send("GET", "/v1/status").json()
            #expect(status["http"]?["buffered_bytes"]?.int == 0)
        }
    }

    @Test func `what is not gzip, or ends early, is 400`() async throws {
        try await TestServer.run { server in
            let packed = try Self.gzip(Self.order)
            for body in [Array(Self.order.utf8), Array(packed.dropLast(5)), []] {
                let answer = try await server.client.send("POST", "/v1/messages", headers: Self.packed, body: body)
                #expect(answer.status == 400)
                #expect(try answer.json()["code"]?.string == "invalid_encoding")
            }
        }
    }

    @Test(arguments: ["br", "deflate", "gzip, gzip", "zstd"])
    func `another compression is 415 and says which is read`(encoding: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send(
                "POST", "/v1/messages",
                headers: [("Content-Type", "application/json"), ("Content-Encoding", encoding)], body: [1, 2, 3])
            #expect(answer.status == 415)
            #expect(answer.headers["accept-encoding"] == "gzip")
        }
    }

    @Test func `nothing is decompressed for a caller without a key`() async throws {
        let key = APIKey.generate()
        let record = key.record(label: "x", scopes: [.read], createdAt: SystemTime().now(), expiresAt: nil)
        try await TestServer.run(keys: [record]) { server in
            let token = UnsubscribeToken(
                delivery: DeliveryID(rawValue: 1 << 40), person: .recipient("ann"), channel: .email,
                category: "marketing")
            let path = "/u/\(TestServer.links.sign(token))"
            let body = try Self.gzip("List-Unsubscribe=One-Click")
            let answer = try await server.client.send("POST", path, headers: Self.packed, body: body)
            #expect(answer.status == 415)
            #expect(try answer.json()["code"]?.string == "unsupported_encoding")
            let plain = try await server.client.send("POST", path, body: Array("List-Unsubscribe=One-Click".utf8))
            #expect(plain.status == 200)
        }
    }

    // MARK: Names

    @Test func `a message is answered with the names and values with which it was sent`() async throws {
        try await TestServer.run { server in
            let sent = """
                {"recipient":"ann","template":"order-confirmed","route":{"escalate":{"after":"90m","until":"clicked"}},
                 "send":{"best_time":{"within":"36h"}},"tags":["promo/summer"],"priority":"high","tenant":"acme","test":true,
                 "caps":{"obey":false,"count":true},"dedup_key":"d","journey":"j","channels":["email"],
                 "send_at":"2026-03-01T09:00:00Z","expires_at":"2099-03-01T09:00:00Z","data":{"n":1}}
                """
            let id = try #require(
                try await server.client.send("POST", "/v1/messages", json: sent).json()["id"]?.string)
            let shown = try await server.client.send("GET", "/v1/messages/\(id)").json()
            for (key, value) in try JSONDocument.parse(sent).root.members {
                let name = try #require(key.string)
                if name == "caps" {
                    #expect(shown["caps"]?["obey"]?.bool == false && shown["caps"]?["count"]?.bool == true)
                    continue
                }
                #expect(shown[name]?.canonicalBytes == value.canonicalBytes, "\(name)")
            }
        }
    }

    @Test func `the timeline of somebody of whom nothing is known is 404`() async throws {
        try await TestServer.run { server in
            let unknown = try await server.client.send("GET", "/v1/profiles/nobody/timeline")
            #expect(unknown.status == 404)
            #expect(try await server.client.send("PUT", "/v1/profiles/ann", json: "{}").status == 200)
            #expect(try await server.client.send("GET", "/v1/profiles/ann/timeline").status == 200)
            // A message to somebody without a profile is something.
            let lost = #"{"recipient":"lost","template":"order-confirmed"}"#
            #expect(try await server.client.send("POST", "/v1/messages", json: lost).status == 202)
            #expect(try await server.client.send("GET", "/v1/profiles/lost/timeline").status == 200)
        }
    }

    @Test func `consents of which none is valid are 422, and none at all are 400`() async throws {
        try await TestServer.run { server in
            #expect(try await server.client.send("PUT", "/v1/profiles/ann", json: "{}").status == 200)
            let path = "/v1/profiles/ann/consents"
            let wrong = try await server.client.send("POST", path, json: #"[{"category":"x"},{"granted":true}]"#)
            #expect(wrong.status == 422)
            #expect(try wrong.json()["rejected"]?.int == 2)
            #expect(try await server.client.send("POST", path, json: "[]").status == 400)
        }
    }

    // MARK: Parameters

    @Test(arguments: [
        "/v1/suppressions?channel=AAA", "/v1/suppressions?channel=email,sms", "/v1/suppressions/history?channel=AAA",
        "/v1/log?channel=AAA", "/v1/log?follow=maybe", "/v1/log?limit=", "/v1/log?after=", "/v1/log?since=",
        "/v1/log?follow=", "/v1/inbound?limit=", "/v1/suppressions?channel=", "/v1/log?state=",
        "/v1/log?channel=email,,sms",
    ])
    func `a parameter that does not fit is refused, also where nothing else is asked for`(path: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("GET", path)
            #expect(answer.status == 400)
            #expect(try answer.json()["code"]?.string == "invalid_parameter")
        }
    }

    @Test(arguments: [("/v1/messages/cancel", "POST"), ("/v1/messages/0123456789abc", "DELETE, GET, HEAD")])
    func `the methods of a path are those of the route that names it best`(path: String, allowed: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("PATCH", path)
            #expect(answer.status == 405)
            #expect(try answer.json()["expected"]?.string == allowed)
        }
    }

    @Test func `an empty text is an absent one`() async throws {
        try await TestServer.run { server in
            for path in [
                "/v1/log?campaign=&recipient=", "/v1/suppressions?recipient=&address=", "/v1/messages?recipient=",
            ] {
                let answer = try await server.client.send("GET", path)
                #expect(answer.status == 200, "\(path)")
            }
        }
    }

    @Test func `suppressions of a channel alone are no filter that there is`() async throws {
        try await TestServer.run { server in
            for path in ["/v1/suppressions?channel=email", "/v1/suppressions/history?channel=email"] {
                let answer = try await server.client.send("GET", path)
                #expect(answer.status == 422)
                #expect(try answer.json()["field"]?.string == "recipient")
            }
        }
    }

    @Test(arguments: ["first_line=2147483648", "first_line=0", "first_lime=1"])
    func `the parameters of a message are judged for JSON as for NDJSON`(query: String) async throws {
        try await TestServer.run { server in
            for type in ["application/json", "application/x-ndjson"] {
                let answer = try await server.client.send(
                    "POST", "/v1/messages?\(query)", headers: [("Content-Type", type)], body: Array(Self.order.utf8))
                #expect(answer.status == 400, "\(type)")
            }
        }
    }
}
