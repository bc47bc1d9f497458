import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import SobreWire
import Testing

/// One rule for ids and keys at every entry point, and what an answer may say of others.
@Suite struct NameRuleTests {
    private func key(_ scopes: Set<APIScope>) -> (bearer: [(String, String)], record: APIKeyRecord) {
        let key = APIKey.generate()
        let record = key.record(label: "test", scopes: scopes, createdAt: SystemTime().now())
        return ([("Authorization", "Bearer \(key.secret)"), ("Content-Type", "application/json")], record)
    }

    @Test(arguments: [
        ("a%0D%0Ab", "invalid_value"), ("a%00b", "invalid_value"), ("%C2%85", "invalid_value"),
        (String(repeating: "x", count: 15_000), "too_long"), (String(repeating: "x", count: 201), "too_long"),
    ])
    func `An id with control characters or of too many bytes is refused in the path`(
        id: String, code: String
    ) async throws {
        var limits = HTTPLimits()
        limits.maxHeaderBytes = 32_768
        try await TestServer.run(limits: limits) { server in
            for (method, path, field) in [
                ("PUT", "/v1/profiles/\(id)", "id"), ("POST", "/v1/profiles/\(id)/consents", "recipient"),
            ] {
                let body = method == "PUT" ? "{}" : #"{"category":"marketing","granted":true}"#
                let answer = try await server.client.send(method, path, json: body)
                #expect(answer.status == 422)
                #expect(try answer.json()["code"]?.string == code)
                #expect(try answer.json()["field"]?.string == field)
            }
            let stored = try await server.store.profiles(after: nil, limit: 9)
            #expect(stored.isEmpty)
        }
    }

    @Test(arguments: [
        ("/v1/messages", #"{"recipient":"a\u0000b","template":"thank-you"}"#, "recipient"),
        ("/v1/messages", #"{"recipient":"a","template":"thank\r\nyou"}"#, "template"),
        ("/v1/messages", #"{"recipient":"a","template":"thank-you","campaign":"x\ny"}"#, "campaign"),
        ("/v1/messages", #"{"recipient":"a","template":"thank-you","dedup_key":"x\u0085y"}"#, "dedup_key"),
        ("/v1/messages", #"{"recipient":"a","template":"thank-you","idempotency_key":"x\u2028y"}"#, "idempotency_key"),
        ("/v1/suppressions", #"{"recipient":"a\nb"}"#, "recipient"),
        ("/v1/keys", #"{"label":"a\u0000b","scopes":["read"]}"#, "label"),
    ])
    func `The same rule holds in bodies`(path: String, body: String, field: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("POST", path, json: body)
            #expect(answer.status == 422)
            #expect(try answer.json()["code"]?.string == "invalid_value")
            #expect(try answer.json()["field"]?.string == field)
        }
    }

    @Test func `Header and body keys that differ are refused, and two header lines`() async throws {
        try await TestServer.run { server in
            let body = #"{"recipient":"a","template":"thank-you","idempotency_key":"one"}"#
            func send(_ keys: [String]) async throws -> String {
                let answer = try await server.client.send(
                    "POST", "/v1/messages",
                    headers: [("Content-Type", "application/json")] + keys.map { ("Idempotency-Key", $0) },
                    body: Array(body.utf8))
                let code = try answer.json()["code"]?.string
                return "\(answer.status) \(code ?? "accepted")"
            }
            for (keys, expected) in [
                (["two"], "400 idempotency_keys_differ"), (["one", "two"], "400 invalid_header"),
                (["one", "one"], "400 invalid_header"),
            ] {
                let answer = try await send(keys)
                #expect(answer == expected)
            }
            let none = try await server.store.timeline(recipient: "a", limit: 9)
            #expect(none.isEmpty)
            for keys in [["one"], []] {
                let answer = try await send(keys)
                #expect(answer == "202 accepted")
            }
            let one = try await server.store.timeline(recipient: "a", limit: 9)
            #expect(one.count == 1)
        }
    }

    @Test func `A key without the scope read gets no content back from changes of profiles`() async throws {
        let (sender, senderRecord) = key([.enqueue])
        let (reader, readerRecord) = key([.enqueue, .read])
        try await TestServer.run(keys: [senderRecord, readerRecord]) { server in
            let ann = Profile(
                id: "ann", addresses: [Address(channel: .email, value: "secret@example.com")], aliases: ["other"])
            try await server.store.put([ann, Profile(id: "anon-1")])
            func send(
                _ method: String, _ path: String, _ body: String, _ headers: [(String, String)]
            ) async throws -> String {
                let answer = try await server.client.send(
                    method, "/v1/profiles/\(path)", headers: headers, body: Array(body.utf8))
                return "\(answer.status) \(answer.text)"
            }
            #expect(try await send("PATCH", "ann", "{}", sender) == #"200 {"id":"ann","status":"changed"}"#)
            #expect(try await send("PATCH", "other", "{}", sender) == #"200 {"id":"other","status":"changed"}"#)
            #expect(try await send("PATCH", "ann", "{}", reader).contains("secret@example.com"))
            let merge = #"{"from":"anon-1"}"#
            #expect(try await send("POST", "ann/merge", merge, sender) == #"200 {"id":"ann","status":"merged"}"#)
            #expect(
                try await send("POST", "ann/merge", merge, sender) == #"200 {"id":"ann","status":"merged_before"}"#)
            #expect(try await send("POST", "ann/merge", merge, reader).contains("secret@example.com"))
            // Nor whose alias a name is.
            for (method, path, body) in [("PUT", "other", "{}"), ("PUT", "bob", #"{"aliases":["other"]}"#)] {
                let answer = try await send(method, path, body, sender)
                #expect(answer.hasPrefix("409 "))
                #expect(!answer.contains("ann"))
                #expect(try await send(method, path, body, reader).contains("ann"))
            }
        }
    }

    @Test func `Problems name what they are about`() async throws {
        let (sender, senderRecord) = key([.enqueue])
        try await TestServer.run(keys: [senderRecord]) { server in
            let refused = try await server.client.send("GET", "/v1/keys", headers: sender)
            #expect(refused.status == 403)
            #expect(try refused.json()["expected"]?.string == "a key with the scope \"admin\"")
            let read = try await server.client.send("GET", "/v1/log", headers: sender)
            #expect(try read.json()["expected"]?.string == "a key with the scope \"read\" or \"admin\"")

            func send(_ method: String, _ path: String, _ body: String) async throws -> JSONRef {
                try await server.client.send(method, path, headers: sender, body: Array(body.utf8)).json()
            }
            let twice = try await send(
                "POST", "/v1/messages", #"{"recipient":"a","data":{"x":1,"y":2,"x":3,"z":4},"template":"thank-you"}"#)
            #expect(twice["field"]?.string == "data.x")
            let outer = try await send(
                "POST", "/v1/messages", #"{"template":"thank-you","recipient":"a","template":"x","campaign":"y"}"#)
            #expect(outer["field"]?.string == "template")

            for (method, path, body) in [
                ("PATCH", "/v1/profiles/nobody", "{}"),
                ("POST", "/v1/profiles/nobody/consents", #"{"category":"marketing","granted":true}"#),
            ] {
                let unknown = try await send(method, path, body)
                #expect(unknown["code"]?.string == "unknown_profile")
                #expect(unknown["detail"]?.string == "There is no profile \"nobody\".")
            }
            let merge = try await send("POST", "/v1/profiles/nobody/merge", #"{"from":"a"}"#)
            #expect(merge["detail"]?.string?.contains("alias") == true)
        }
    }

    @Test(arguments: ["0000000ABCDEF", "0000000abcdef", "0000000abcdeg"])
    func `An id that is not found is repeated as it was asked for`(id: String) async throws {
        try await TestServer.run { server in
            for (method, path) in [("GET", id), ("DELETE", id), ("GET", "\(id)/explanation")] {
                let answer = try await server.client.send(method, "/v1/messages/\(path)")
                #expect(answer.status == 404)
                #expect(try answer.json()["detail"]?.string == "There is no message \(id).")
            }
        }
    }
}
