import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreWire
import SobreStore
import Testing

@Suite("The API of people") struct PeopleAPITests {
    private static let ann = """
        {"id":"ann","timezone":"Europe/Paris","locale":"fr-FR",
         "addresses":[{"channel":"email","address":"ann@example.com"},{"channel":"email","address":"ann@work.example"}],
         "consents":[{"category":"marketing","channel":"email","granted":true,"at":"2026-01-01T00:00:00Z",
                      "source":"form"}],
         "caps":{"percent":50,"limits":[{"rule":"marketing-per-week","limit":1}],
                 "pauses":[{"until":"2026-09-01T00:00:00Z","category":"news"}]},
         "attributes":{"first_name":"Ann","size":{"shoe":38,"shirt":"M"}}}
        """

    @Test func `A profile comes back as it was put, with caps, aliases and several addresses a channel`() async throws {
        try await TestServer.run { server in
            let put = try await server.client.send("PUT", "/v1/profiles/ann", json: Self.ann)
            #expect(put.status == 200)
            let shown = try await server.client.send("GET", "/v1/profiles/ann")
            #expect(try shown.json().canonicalBytes == JSONDocument.parse(Self.ann).root.canonicalBytes)
            // A profile that was read can be stored unchanged.
            let again = try await server.client.send("PUT", "/v1/profiles/ann", json: shown.text)
            #expect(again.status == 200)
            #expect(try await server.client.send("GET", "/v1/profiles/ann").body == shown.body)
        }
    }

    @Test(arguments: [
        (#"{"caps":{"percent":0}}"#, "caps.percent"), (#"{"caps":{"percnt":5}}"#, "caps.percnt"),
        (#"{"caps":{"limits":[{"limit":1}]}}"#, "caps.limits[0].rule"),
        (#"{"caps":{"pauses":[{"category":"x"}]}}"#, "caps.pauses[0].until"), (#"{"aliases":["a",7]}"#, "aliases[1]"),
        (#"{"consents":[{"category":"x","granted":"yes"}]}"#, "consents[0].granted"),
    ])
    func `What is wrong with a profile is told with its field`(body: String, field: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("PUT", "/v1/profiles/ann", json: body)
            #expect(answer.status == 422)
            #expect(try answer.json()["field"]?.string == field)
        }
    }

    @Test func `A patch changes what it names, merges attributes, removes by null, and is checked as a whole`()
        async throws
    {
        try await TestServer.run { server in
            _ = try await server.client.send("PUT", "/v1/profiles/ann", json: Self.ann)
            let patch = """
                {"locale":null,"timezone":"Asia/Tokyo","attributes":{"size":{"shoe":39,"shirt":null},"vip":true}}
                """
            let type = [("Content-Type", "application/merge-patch+json")]
            let answer = try await server.client.send(
                "PATCH", "/v1/profiles/ann", headers: type, body: Array(patch.utf8))
            #expect(answer.status == 200)
            let profile = try await server.client.send("GET", "/v1/profiles/ann").json()
            #expect(profile["locale"] == nil)
            #expect(profile["timezone"]?.string == "Asia/Tokyo")
            #expect(
                profile["attributes"]?.canonicalBytes
                    == Array(#"{"first_name":"Ann","size":{"shoe":39},"vip":true}"#.utf8))
            #expect(profile["addresses"]?.count == 2)
            #expect(profile["consents"]?.count == 1)
            #expect(try await server.store.profile("ann")?.formerTimezones.map(\.name) == ["Europe/Paris"])

            let addresses = #"{"addresses":[{"channel":"sms","address":"+33612345678"}]}"#
            let replaced = try await server.client.send("PATCH", "/v1/profiles/ann", json: addresses).json()
            #expect(replaced["addresses"]?.elements.map { $0["address"]?.string } == ["+33612345678"])

            let wrong = try await server.client.send("PATCH", "/v1/profiles/ann", json: #"{"timezone":"Mars/Base"}"#)
            #expect(wrong.status == 422)
            #expect(try wrong.json()["code"]?.string == "unknown_time_zone")
            let renamed = try await server.client.send("PATCH", "/v1/profiles/ann", json: #"{"id":"bob"}"#)
            #expect(try renamed.json()["field"]?.string == "id")
            #expect(try await server.client.send("PATCH", "/v1/profiles/ann", json: "[1]").status == 422)
            let unknown = try await server.client.send("PATCH", "/v1/profiles/nobody", json: "{}")
            #expect(unknown.status == 404)
            #expect(try unknown.json()["code"]?.string == "unknown_profile")
        }
    }

    @Test func `Two profiles become one, under either id; circles and unknown ids are refused`() async throws {
        try await TestServer.run { server in
            _ = try await server.client.send("PUT", "/v1/profiles/ann", json: Self.ann)
            _ = try await server.client.send(
                "PUT", "/v1/profiles/anon-1",
                json: #"{"addresses":[{"channel":"sms","address":"+33612345678"}],"attributes":{"visits":3}}"#)
            let body = #"{"from":"anon-1"}"#
            let merged = try await server.client.send("POST", "/v1/profiles/ann/merge", json: body)
            #expect(merged.status == 200)
            #expect(try merged.json()["status"]?.string == "merged")
            let shown = try await server.client.send("GET", "/v1/profiles/anon-1").json()
            #expect(shown["id"]?.string == "ann")
            #expect(shown["aliases"]?.elements.map(\.string) == ["anon-1"])
            #expect(shown["addresses"]?.count == 3)
            #expect(shown["attributes"]?["visits"]?.int == 3)
            let again = try await server.client.send("POST", "/v1/profiles/ann/merge", json: body)
            #expect(try again.json()["status"]?.string == "merged_before")

            let circle = try await server.client.send("POST", "/v1/profiles/anon-1/merge", json: #"{"from":"ann"}"#)
            #expect(circle.status == 409)
            #expect(try circle.json()["code"]?.string == "same_person")
            let unknown = try await server.client.send("POST", "/v1/profiles/ann/merge", json: #"{"from":"nobody"}"#)
            #expect(unknown.status == 404)
            #expect(try unknown.json()["detail"]?.string?.contains("nobody") == true)
            #expect(try await server.client.send("POST", "/v1/profiles/ann/merge", json: "{}").status == 422)
            let put = try await server.client.send("PUT", "/v1/profiles/anon-1", json: "{}")
            #expect(put.status == 409)
            #expect(try put.json()["code"]?.string == "is_alias")
            let patched = try await server.client.send("PATCH", "/v1/profiles/anon-1", json: #"{"country":"FR"}"#)
            #expect(try patched.json()["id"]?.string == "ann")
        }
    }

    @Test func `Aliases of a batch are told line by line`() async throws {
        try await TestServer.run { server in
            let lines = """
                {"id":"anon-1"}
                {"id":"ann","aliases":["anon-1","crm-7"]}
                {"id":"bob","aliases":["crm-7"]}
                """
            let answer = try await server.client.send(
                "POST", "/v1/profiles", headers: [("Content-Type", "application/x-ndjson")], body: Array(lines.utf8))
            #expect(answer.status == 207)
            let results = try answer.json()["results"]
            #expect(results?.elements.map { $0["status"]?.string } == ["stored", "stored", "rejected"])
            #expect(results?[2]?["error"]?["code"]?.string == "alias_taken")
            #expect(results?[2]?["line"]?.int == 3)
            #expect(try await server.client.send("GET", "/v1/profiles/anon-1").json()["id"]?.string == "ann")
        }
    }

    @Test func `Consents are taken with their evidence, and the newest is in force`() async throws {
        try await TestServer.run { server in
            _ = try await server.client.send("PUT", "/v1/profiles/ann", json: Self.ann)
            let refusal = """
                {"category":"marketing","channel":"email","granted":false,"source":"phone","evidence":"call 17"}
                """
            let taken = try await server.client.send("POST", "/v1/profiles/ann/consents", json: refusal)
            #expect(taken.status == 200)
            let late = #"[{"category":"marketing","channel":"email","granted":true,"at":"2026-02-01T00:00:00Z"}]"#
            let old = try await server.client.send("POST", "/v1/profiles/ann/consents", json: late)
            #expect(try old.json()["results"]?[0]?["status"]?.string == "superseded")
            let shown = try await server.client.send("GET", "/v1/profiles/ann/consents").json()
            #expect(shown["in_force"]?.elements.map { $0["granted"]?.bool } == [false])
            #expect(shown["in_force"]?[0]?["evidence"] == nil)
            #expect(shown["history"]?.elements.map { $0["granted"]?.bool } == [true, false, true])
            #expect(shown["history"]?[1]?["evidence"]?.string == "call 17")
            #expect(try await server.store.facts(recipient: "ann", horizon: .seconds(1)).profile?.consents.count == 1)

            let batch = """
                {"recipient":"ann","category":"news","granted":true}
                {"recipient":"nobody","category":"news","granted":true}
                {"recipient":"ann","category":"news","granted":1}
                """
            let answer = try await server.client.send(
                "POST", "/v1/consents", headers: [("Content-Type", "application/x-ndjson")], body: Array(batch.utf8))
            #expect(answer.status == 207)
            #expect(
                try answer.json()["results"]?.elements.map { $0["error"]?["code"]?.string ?? $0["status"]?.string }
                    == ["stored", "unknown_profile", "wrong_type"])
            let missing = try await server.client.send("POST", "/v1/profiles/nobody/consents", json: refusal)
            #expect(missing.status == 404)
            let long = String(repeating: "x", count: 2_001)
            let refused = try await server.client.send(
                "POST", "/v1/profiles/ann/consents", json: #"{"category":"x","granted":true,"evidence":"\#(long)"}"#)
            #expect(try refused.json()["field"]?.string == "evidence")
        }
    }

    @Test func `An erased person is gone, suppressed, and nobody else's`() async throws {
        try await TestServer.run { server in
            _ = try await server.client.send("PUT", "/v1/profiles/ann", json: Self.ann)
            let message = #"{"recipient":"ann","template":"order-confirmed","data":{"secret":"blue"}}"#
            let id = try await server.client.send("POST", "/v1/messages", json: message).json()["id"]?.string
            let erased = try await server.client.send("DELETE", "/v1/profiles/ann")
            #expect(erased.status == 200)
            #expect(try erased.json()["cancelled"]?.int == 1)
            #expect(try await server.client.send("GET", "/v1/profiles/ann").status == 404)
            let shown = try await server.client.send("GET", "/v1/messages/\(try #require(id))")
            #expect(!shown.text.contains("blue") && !shown.text.contains("\"ann\""))
            #expect(try shown.json()["deliveries"]?[0]?["state"]?.string == "cancelled")
            let suppressions = try await server.client.send("GET", "/v1/suppressions?recipient=ann").json()
            #expect(suppressions["suppressions"]?[0]?["reason"]?.string == "erased")
            #expect(try await server.client.send("DELETE", "/v1/profiles/nobody").status == 404)
        }
    }

    @Test func `Suppressions are imported line by line, by address or by hashed subject`() async throws {
        try await TestServer.run { server in
            let lines = """
                {"channel":"email","address":"bob@example.com","at":"2026-01-01T00:00:00Z","evidence":"550"}
                {"subject":"00000000deadbeef","label":"c…@example.com","reason":"complaint"}
                {"subject":"xyz","reason":"complaint"}
                """
            let answer = try await server.client.send(
                "POST", "/v1/suppressions", headers: [("Content-Type", "application/x-ndjson")], body: Array(lines.utf8)
            )
            #expect(answer.status == 207)
            #expect(try answer.json()["results"]?[2]?["error"]?["field"]?.string == "subject")
            let bob = try await server.client.send("GET", "/v1/suppressions?channel=email&address=Bob@example.com")
                .json()
            #expect(bob["suppressions"]?[0]?["at"]?.string == "2026-01-01T00:00:00Z")
            #expect(bob["suppressions"]?[0]?["evidence"]?.string == "550")
            let all = try await server.store.suppressions(subject: KeyHash(rawValue: 0xdead_beef), limit: 9)
            #expect(all.map(\.label) == ["c…@example.com"])
        }
    }

    @Test func `Another method than those that a path has gets 405 with what it has`() async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("PUT", "/v1/messages/0000000000001")
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "DELETE, GET, HEAD")
            #expect(try answer.json()["code"]?.string == "method_not_allowed")
            #expect(try await server.client.send("DELETE", "/health/live").headers["allow"] == "GET, HEAD")
            #expect(try await server.client.send("GET", "/v1/nothing").status == 404)
            #expect(try await server.client.send("GET", "/v1/profiles/a/b/c").status == 404)
        }
    }

    @Test func `Each call needs its scope`() async throws {
        let key = APIKey.generate()
        let reader = APIKey.generate()
        let receipts = APIKey.generate()
        let records = [
            key.record(label: "a", scopes: [.enqueue], createdAt: .epoch),
            reader.record(label: "b", scopes: [.read], createdAt: .epoch),
            receipts.record(label: "c", scopes: [.receipts], createdAt: .epoch),
        ]
        try await TestServer.run(keys: records) { server in
            let calls: [(method: String, path: String, key: APIKey?, status: Int)] = [
                ("PATCH", "/v1/profiles/x", reader, 403), ("PATCH", "/v1/profiles/x", key, 404),
                ("POST", "/v1/profiles/x/merge", reader, 403), ("DELETE", "/v1/profiles/x", key, 403),
                ("POST", "/v1/profiles/x/consents", reader, 403), ("GET", "/v1/profiles/x/consents", reader, 404),
                ("POST", "/v1/consents", receipts, 403), ("POST", "/v1/inbound/sms", key, 403),
                ("POST", "/v1/inbound/sms", receipts, 422), ("POST", "/v1/inbound/sms", nil, 401),
                ("GET", "/u/x", nil, 404),
            ]
            for call in calls {
                let headers = call.key.map { [("Authorization", "Bearer \($0.secret)")] } ?? []
                let answer = try await server.client.send(call.method, call.path, headers: headers, json: "{}")
                #expect(answer.status == call.status, "\(call.method) \(call.path)")
            }
        }
    }
}
