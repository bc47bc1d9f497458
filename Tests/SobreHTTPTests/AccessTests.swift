import JSON
import Signing
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreStore
import SobreWire
import Testing

@Suite struct AccessTests {
    private func key(
        _ scopes: Set<APIScope>, expiresAt: Instant? = nil
    ) -> (secret: String, record: APIKeyRecord) {
        let key = APIKey.generate()
        let record = key.record(label: "test", scopes: scopes, createdAt: SystemTime().now(), expiresAt: expiresAt)
        return (key.secret, record)
    }

    private func bearer(_ secret: String) -> [(String, String)] { [("Authorization", "Bearer \(secret)")] }

    @Test func `A key is random, marked, and kept as a hash`() {
        let first = key([.read])
        let second = key([.read])
        #expect(first.secret != second.secret)
        #expect(first.secret.hasPrefix("sobre_"))
        #expect(first.secret.utf8.count == 6 + 64)
        #expect(first.record.hash == Digest.sha256(Array(first.secret.utf8)))
        #expect(!first.secret.contains(first.record.id.dropFirst(2)))
    }

    @Test func `Each scope opens its routes and no others`() async throws {
        let enqueue = key([.enqueue])
        let read = key([.read])
        let admin = key([.admin])
        let old = key([.admin], expiresAt: Instant(milliseconds: 1))
        try await TestServer.run(keys: [enqueue, read, admin, old].map(\.record)) { server in
            let body = "{\"recipient\":\"a\",\"template\":\"thank-you\"}"
            func status(_ method: String, _ path: String, _ headers: [(String, String)]) async throws -> Int {
                try await server.client.send(method, path, headers: headers, json: body).status
            }
            let missing = try await server.client.send("POST", "/v1/messages", json: body)
            #expect(missing.status == 401)
            #expect(missing.headers["www-authenticate"] == "Bearer")
            #expect(try missing.json()["code"]?.string == "unauthorized")
            #expect(try await status("POST", "/v1/messages", bearer(enqueue.secret)) == 202)
            #expect(try await status("POST", "/v1/messages", [("authorization", "bearer  \(enqueue.secret)")]) == 202)
            #expect(try await status("POST", "/v1/messages", bearer(read.secret)) == 403)
            #expect(try await status("POST", "/v1/messages", bearer(admin.secret)) == 202)
            #expect(try await status("POST", "/v1/messages", bearer(old.secret)) == 401)
            #expect(
                try await status("POST", "/v1/messages", bearer("sobre_" + String(repeating: "0", count: 64))) == 401)
            #expect(try await status("POST", "/v1/messages", [("Authorization", "Basic \(admin.secret)")]) == 401)
            #expect(try await status("POST", "/v1/messages?key=\(admin.secret)", []) == 401)
            #expect(try await status("GET", "/v1/log", bearer(read.secret)) == 200)
            #expect(try await status("GET", "/v1/log", bearer(enqueue.secret)) == 403)
            #expect(try await status("POST", "/v1/suppressions", bearer(read.secret)) == 403)
            #expect(try await status("GET", "/metrics", []) == 401)
            #expect(try await status("GET", "/metrics", bearer(read.secret)) == 200)
            #expect(try await status("GET", "/health/live", []) == 200)
        }
    }

    @Test func `A key is made once, in force at once, and revoked`() async throws {
        try await TestServer.run { server in
            #expect(try await server.client.send("GET", "/v1/log").status == 200)
            let wrong = try await server.client.send(
                "POST", "/v1/keys", json: "{\"label\":\"x\",\"scopes\":[\"root\"]}")
            #expect(wrong.status == 422)
            let made = try await server.client.send(
                "POST", "/v1/keys", json: "{\"label\":\"ops\",\"scopes\":[\"admin\"]}")
            #expect(made.status == 201)
            let secret = try #require(try made.json()["key"]?.string)
            let id = try #require(try made.json()["id"]?.string)
            #expect(try await server.client.send("GET", "/v1/log").status == 401)
            let list = try await server.client.send("GET", "/v1/keys", headers: bearer(secret))
            #expect(try list.json()["keys"]?[0]?["label"]?.string == "ops")
            #expect(!list.text.contains(secret))
            let gone = try await server.client.send("DELETE", "/v1/keys/\(id)", headers: bearer(secret))
            #expect(gone.status == 204)
            #expect(try await server.client.send("GET", "/v1/log", headers: bearer(secret)).status == 401)
        }
    }

    @Test func `Without a key the server listens on loopback only`() async throws {
        try await TestServer.run(host: "0.0.0.0") { server in
            #expect(server.host == "127.0.0.1")
            let open = try await server.client.send("GET", "/v1/log")
            #expect(open.status == 200)
        }
        let admin = key([.admin])
        try await TestServer.run(host: "0.0.0.0", keys: [admin.record]) { server in
            #expect(server.host == "0.0.0.0")
            // Revoking the last key does not open the API to everybody.
            let gone = try await server.client.send(
                "DELETE", "/v1/keys/\(admin.record.id)", headers: bearer(admin.secret))
            #expect(gone.status == 204)
            #expect(try await server.client.send("GET", "/v1/log").status == 401)
        }
    }

    @Test func `Without a key no page on the web can call through a browser`() async throws {
        try await TestServer.run { server in
            func answer(_ header: String) async throws -> RawResponse {
                try RawResponse(
                    try await server.client.exchange { connection in
                        connection.send("GET /v1/log HTTP/1.1\r\n\(header)\r\nConnection: close\r\n\r\n")
                        return connection.readToEnd()
                    })
            }
            #expect(try await answer("Host: evil.example").status == 403)
            #expect(try await answer("Host: localhost:8025\r\nOrigin: https://evil.example").status == 403)
            #expect(try await answer("Host: localhost:8025\r\nOrigin: null").status == 403)
            #expect(try await answer("Host: 127.0.0.1.evil.example").status == 403)
            #expect(try await answer("Host: localhost:8025\r\nOrigin: http://localhost:3000").status == 200)
            #expect(try await answer("Host: [::1]:8025").status == 200)
            let last = try await answer("Host: 127.0.0.1")
            #expect(last.status == 200)
        }
    }
}
