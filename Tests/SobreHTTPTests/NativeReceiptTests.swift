import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import SobreWire
import Testing
import Text

@Suite struct NativeReceiptTests {
    /// Has the providers `basic`, which proves itself with a user and a password, `late`, which cannot be verified yet,
    /// and `open`, which is always verified. Their receipts are words, of which `bad` is unreadable.
    private final class WordRegistry: ReceiptRegistry {
        let maxWaiting = 1_000

        func knows(_ provider: String) -> Bool { ["basic", "late", "open"].contains(provider) }
        func readsAuthorization(_ provider: String) -> Bool { provider == "basic" }

        func handshake(_ call: ReceiptCall, isVerified: Bool) -> ReceiptHandshake? {
            let isHandshake = call.query == "hub=1" || isVerified && call.query == "grid=1"
            return isHandshake ? ReceiptHandshake(contentType: "text/plain", body: "1158201444") : nil
        }

        func verify(_ call: ReceiptCall, now: Instant) throws(ReceiptRejection) {
            switch call.provider {
            case "late": throw ReceiptRejection(code: "unavailable", message: "The certificate is being fetched.")
            case "basic" where call.headers["authorization"] != "Basic \(Base64.encode(Array("hook:pw".utf8)))":
                throw ReceiptRejection(code: "signature", message: "The user or the password is wrong.")
            default: return
            }
        }

        func read(_ call: ReceiptCall, isSigned: Bool, now: Instant) throws(ReceiptRejection) -> NativeReceipts? {
            guard isSigned else { return nil }
            let text = call.body.isEmpty ? call.query : String(decoding: call.body, as: UTF8.self)
            var native = NativeReceipts(receipts: [])
            for word in text.split(separator: ",") {
                if word == "bad" {
                    native.rejections.append(ReceiptRejection(code: "malformed", message: "It is unreadable."))
                } else {
                    native.receipts.append(
                        Receipt(
                            provider: call.provider, eventID: String(word), providerID: "m-\(word)", kind: .delivered,
                            at: now, isSigned: isSigned))
                }
            }
            return native
        }

        func verifyInbound(_ call: ReceiptCall, path: String, now: Instant) throws(ReceiptRejection) -> String {
            throw ReceiptRejection(code: "signature", message: "No signature fits.")
        }

        func wake() {}
    }

    @Test func `A provider that tries out the URL gets its answer, and one that must prove itself first does not`()
        async throws
    {
        try await TestServer.run(receipts: WordRegistry()) { server in
            let hub = try await server.client.send("GET", "/v1/receipts/basic?hub=1", headers: [])
            #expect(hub.status == 200 && hub.text == "1158201444")
            let grid = try await server.client.send("GET", "/v1/receipts/basic?grid=1", headers: [])
            #expect(grid.status == 401)
            let proven = try await server.client.send("GET", "/v1/receipts/open?grid=1", headers: [])
            #expect(proven.status == 200 && proven.text == "1158201444")
            #expect(try await server.store.receipts(of: nil, limit: 10).isEmpty)
        }
    }

    @Test func `A provider may report by GET, with everything in the query`() async throws {
        try await TestServer.run(receipts: WordRegistry()) { server in
            let answer = try await server.client.send("GET", "/v1/receipts/open?a,b")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json()["received"]?.int == 2)
            #expect(try await server.store.receipts(of: nil, limit: 9).count == 2)
        }
    }

    @Test func `Of a provider's list the readable receipts are kept, and the others are named`() async throws {
        try await TestServer.run(receipts: WordRegistry()) { server in
            let answer = try await server.client.send("POST", "/v1/receipts/open", json: "a,bad,b")
            #expect(answer.status == 207, "\(answer.text)")
            #expect(try answer.json()["received"]?.int == 2)
            #expect(try answer.json()["errors"]?[0]?["code"]?.string == "malformed")
            let list = try await server.client.send("GET", "/v1/receipts")
            #expect(try list.json()["rejected"]?["open: malformed"]?.int == 1)
        }
    }

    @Test func `The header Authorization can hold the provider's password or an API key`() async throws {
        let key = APIKey.generate()
        let record = key.record(label: "t", scopes: [.receipts], createdAt: SystemTime().now())
        try await TestServer.run(keys: [record], receipts: WordRegistry()) { server in
            func status(_ authorization: String?, _ body: String = "a") async throws -> Int {
                let headers = authorization.map { [("Authorization", $0)] } ?? []
                return try await server.client.send("POST", "/v1/receipts/basic", headers: headers, json: body).status
            }
            func basic(_ text: String) -> String { "Basic \(Base64.encode(Array(text.utf8)))" }
            #expect(try await status(basic("hook:pw")) == 200)
            #expect(try await status(basic("hook:other")) == 401)
            #expect(try await status(nil) == 401)
            // With a key it is Sobre's own form.
            let own = #"{"reference":"01jd3v8k6m1r0","kind":"delivered"}"#
            #expect(try await status("Bearer \(key.secret)", own) == 200)
            #expect(try await status(basic("x:\(key.secret)"), own) == 200)
            let rows = try await server.store.receipts(of: nil, limit: 9)
            #expect(rows.map(\.receipt.isSigned).contains(true) && rows.map(\.receipt.isSigned).contains(false))
        }
    }

    @Test func `What cannot be verified yet is to be sent again`() async throws {
        try await TestServer.run(receipts: WordRegistry()) { server in
            let answer = try await server.client.send("POST", "/v1/receipts/late", json: "a")
            #expect(answer.status == 503)
            #expect(try answer.json()["code"]?.string == "unavailable")
            #expect(answer.headers["retry-after"] == "5")
            #expect(try await server.store.receiptTotals() == [:])
        }
    }
}
