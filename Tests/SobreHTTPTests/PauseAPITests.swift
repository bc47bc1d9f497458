import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import SobreWire
import Testing

@Suite("Pausing and resuming over the API") struct PauseAPITests {
    private static func key(_ scopes: Set<APIScope>) -> (secret: String, record: APIKeyRecord) {
        let key = APIKey.generate()
        return (key.secret, key.record(label: "ops team", scopes: scopes, createdAt: .epoch))
    }

    @Test func `A pause is answered as it was ordered, listed, replaced and lifted`() async throws {
        try await TestServer.run { server in
            let order =
                #"{"campaign":"spring sale","channel":"sms","until":"2999-01-01T00:00:00Z","reason":"wrong link"}"#
            let made = try await server.client.send("POST", "/v1/pauses", json: order)
            #expect(made.status == 201)
            let pause = try made.json()
            let id = try #require(pause["id"]?.int)
            #expect(pause["campaign"]?.string == "spring sale" && pause["channel"]?.string == "sms")
            #expect(pause["until"]?.string == "2999-01-01T00:00:00Z" && pause["reason"]?.string == "wrong link")
            #expect(pause["by"]?.string == "a client on this machine")
            #expect(
                try await server.store.facts(recipient: "ann", horizon: .seconds(1)).pauses.map(\.id) == [Int64(id)])

            let again = try await server.client.send(
                "POST", "/v1/pauses", json: #"{"channel":"sms","campaign":"spring sale"}"#)
            #expect(again.status == 200)
            #expect(try again.json()["id"]?.int == id && again.json()["until"] == nil)
            #expect(try again.json()["by"]?.string == "a client on this machine")
            _ = try await server.client.send("POST", "/v1/pauses", json: #"{"all":true}"#)

            let listed = try await server.client.send("GET", "/v1/pauses").json()["pauses"]
            #expect(listed?.elements.map { $0["held"]?.int } == [0, 0])
            #expect(listed?[1]?["all"]?.bool == true)
            let (path, other) = ("/v1/pauses?campaign=spring%20sale", "/v1/pauses?all=true")
            #expect(try await server.client.send("DELETE", path).status == 404)
            let lifted = try await server.client.send("DELETE", "\(path)&channel=sms")
            #expect(lifted.status == 200)
            #expect(try lifted.json()["id"]?.int == id)
            #expect(try await server.client.send("DELETE", "/v1/pauses/\(id)").status == 404)
            #expect(try await server.client.send("DELETE", other).status == 200)
            #expect(try await server.store.pauses(at: .epoch) == [])
        }
    }

    @Test func `Who ordered it is recorded as in the audit trail, and a user only with the owner's key`() async throws {
        let admin = Self.key([.admin])
        let reader = Self.key([.read])
        try await TestServer.run(keys: [admin.record, reader.record]) { server in
            func send(_ method: String, _ secret: String, _ body: String = #"{"all":true}"#) async throws
                -> RawResponse
            {
                try await server.client.send(
                    method, "/v1/pauses", headers: [("Authorization", "Bearer \(secret)")], json: body)
            }
            #expect(try await send("POST", reader.secret).status == 403)
            #expect(try await send("DELETE", reader.secret).status == 403)
            #expect(try await send("GET", reader.secret).status == 200)
            let key = "key:\(admin.record.id)"
            #expect(try await send("POST", admin.secret).json()["by"]?.string == key)
            let named = try await server.client.send(
                "POST", "/v1/pauses",
                headers: [("Authorization", "Bearer \(admin.secret)"), ("Sobre-User", "ann")], json: #"{"all":true}"#)
            #expect(try named.json()["by"]?.string == key)
            let audit = try await server.client.send(
                "GET", "/v1/audit?action=pause", headers: [("Authorization", "Bearer \(admin.secret)")])
            #expect(try audit.json()["entries"]?.elements.map { $0["by"]?.string } == [key, key])
            // There is one way to say who orders, for all changes.
            let former = try await send("POST", admin.secret, #"{"all":true,"by":"ann"}"#)
            #expect(former.status == 422)
            #expect(try former.json()["field"]?.string == "by")
        }
    }

    @Test(arguments: [
        ("{}", "missing_field", "all"), (#"{"all":false}"#, "missing_field", "all"),
        (#"{"all":true,"campaign":"x"}"#, "invalid_value", "all"), (#"{"all":"yes"}"#, "wrong_type", "all"),
        (#"{"campain":"x"}"#, "unknown_key", "campain"), (#"{"all":true,"x":null}"#, "unknown_key", "x"),
        (#"{"channel":"fax"}"#, "invalid_value", "channel"),
        (#"{"campaign":""}"#, "invalid_value", "campaign"), (#"{"campaign":7}"#, "wrong_type", "campaign"),
        (#"{"all":true,"until":"2001-01-01T00:00:00Z"}"#, "invalid_value", "until"),
        (#"{"all":true,"until":"tomorrow"}"#, "wrong_type", "until"),
        (#"{"all":true,"reason":"a\u0000b"}"#, "invalid_value", "reason"), ("[]", "wrong_type", nil),
    ])
    func `An order that is not clear changes nothing`(body: String, code: String, field: String?) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("POST", "/v1/pauses", json: body)
            #expect(answer.status == 422)
            #expect(try answer.json()["code"]?.string == code)
            #expect(try answer.json()["field"]?.string == field)
            #expect(try await server.store.pauses(at: .epoch) == [])
        }
    }

    @Test func `There are no more pauses than the settings allow`() async throws {
        var limits = StoreLimits()
        limits.maxPauses = 1
        try await TestServer.run(storeLimits: limits) { server in
            #expect(try await server.client.send("POST", "/v1/pauses", json: #"{"all":true}"#).status == 201)
            let full = try await server.client.send("POST", "/v1/pauses", json: #"{"campaign":"x"}"#)
            #expect(full.status == 409)
            #expect(try full.json()["code"]?.string == "too_many_pauses")
            #expect(try await server.client.send("POST", "/v1/pauses", json: #"{"all":true}"#).status == 200)
            for path in ["/v1/pauses", "/v1/pauses?all=true&campaign=x", "/v1/pauses?channel=fax"] {
                #expect(try await server.client.send("DELETE", path).status == 400, "\(path)")
            }
            #expect(try await server.client.send("DELETE", "/v1/pauses/x").status == 404)
        }
    }
}
