import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreSettings
import SobreWire
import SobreStore
import Synchronization
import Testing
import Text

@Suite struct ReceiptAPITests {
    /// Has the providers `acme`, whose signature is the word "good", and `bare`, which has none.
    private final class TestReceiptRegistry: ReceiptRegistry {
        let maxWaiting: Int
        private let count = Mutex(0)

        init(maxWaiting: Int = 1_000) { self.maxWaiting = maxWaiting }

        var wakes: Int { count.withLock { $0 } }
        func knows(_ provider: String) -> Bool { ["acme", "bare", "basic"].contains(provider) }
        func readsAuthorization(_ provider: String) -> Bool { provider == "basic" }

        func handshake(_ call: ReceiptCall, isVerified: Bool) -> ReceiptHandshake? { nil }

        func verify(_ call: ReceiptCall, now: Instant) throws(ReceiptRejection) {
            if call.provider == "bare" { throw ReceiptRejection(code: "no_secret", message: "There is no secret.") }
            guard call.headers["webhook-signature"] == "good", call.query != "x=forged" else {
                throw ReceiptRejection(code: "signature", message: "No signature fits.")
            }
        }

        func read(_ call: ReceiptCall, isSigned: Bool, now: Instant) throws(ReceiptRejection) -> NativeReceipts? {
            guard call.headers["content-type"] == "application/x-www-form-urlencoded" else { return nil }
            return NativeReceipts(receipts: [
                Receipt(provider: call.provider, providerID: "form", kind: .sent, at: now, isSigned: isSigned)
            ])
        }

        func verifyInbound(_ call: ReceiptCall, path: String, now: Instant) throws(ReceiptRejection) -> String {
            guard call.headers["webhook-signature"] == "good", path == "/v1/inbound/sms" else {
                throw ReceiptRejection(code: "signature", message: "No signature fits.")
            }
            return "acme"
        }

        func wake() { count.withLock { $0 += 1 } }
    }

    private let good = [("webhook-signature", "good")]
    private func receipt(_ kind: String = "delivered", _ more: String = "") -> String {
        #"{"reference":"01jd3v8k6m1r0","kind":"\#(kind)","at":"2026-03-01T09:00:04Z"\#(more)}"#
    }

    @Test func `a provider whose receipts are not in the query is told so`() async throws {
        try await TestServer.run(receipts: TestReceiptRegistry()) { server in
            let answer = try await server.client.send("GET", "/v1/receipts/acme?kind=sent", headers: good)
            #expect(answer.status == 422)
            #expect(try answer.json()["code"]?.string == "malformed")
            #expect(try answer.json()["expected"]?.string == "POST with the receipts in the body")
        }
    }

    @Test func `One receipt, an array and lines are kept once each, signed or by key`() async throws {
        let key = APIKey.generate()
        let record = key.record(label: "t", scopes: [.receipts, .read], createdAt: SystemTime().now())
        let registry = TestReceiptRegistry()
        try await TestServer.run(keys: [record], receipts: registry) { server in
            func post(_ body: String, _ headers: [(String, String)]) async throws -> RawResponse {
                try await server.client.send("POST", "/v1/receipts/acme", headers: headers, json: body)
            }
            let one = try await post(receipt(), good)
            #expect(one.status == 200)
            #expect(try one.json()["received"]?.int == 1)
            let two = try await post("[\(receipt()),\(receipt("opened"))]", good)
            #expect(try two.json()["received"]?.int == 1)
            #expect(try two.json()["repeated"]?.int == 1)
            let bearer = [("Authorization", "Bearer \(key.secret)"), ("Content-Type", "application/x-ndjson")]
            let lines = try await server.client.send(
                "POST", "/v1/receipts/shop", headers: bearer,
                body: Array("\(receipt("clicked"))\n\(receipt("converted", #","event_id":"e1""#))\n".utf8))
            #expect(lines.status == 200, "\(lines.text)")
            #expect(registry.wakes == 3)
            let rows = try await server.store.receipts(of: nil, limit: 10)
            #expect(rows.map(\.receipt.kind) == [.converted, .clicked, .opened, .delivered])
            #expect(rows.map(\.receipt.provider) == ["shop", "shop", "acme", "acme"])
            #expect(rows.map(\.receipt.isSigned) == [false, false, true, true])
            let list = try await server.client.send("GET", "/v1/receipts", headers: [bearer[0]])
            #expect(try list.json()["totals"]?["waiting"]?.int == 4)
            #expect(try list.json()["receipts"]?[0]?["kind"]?.string == "converted")
        }
    }

    @Test func `A signed request that is repeated counts once, also where its receipts have no time`() async throws {
        try await TestServer.run(receipts: TestReceiptRegistry()) { server in
            func kept(_ body: String, id: String) async throws -> String {
                let answer = try await server.client.send(
                    "POST", "/v1/receipts/acme", headers: good + [("webhook-id", id)], json: body)
                return answer.text
            }
            let opened = #"{"reference":"01jd3v8k6m1r0","kind":"opened"}"#
            let both = "[\(opened),\(receipt())]"
            let requests = [
                (opened, "msg_1", 1, 0), (opened, "msg_1", 0, 1), (opened, "msg_2", 1, 0), (both, "msg_3", 2, 0),
                (both, "msg_3", 0, 2),
            ]
            for (body, id, received, repeated) in requests {
                let answer = try await kept(body, id: id)
                #expect(answer == #"{"received":\#(received),"repeated":\#(repeated)}"#, "\(id)")
            }
        }
    }

    @Test func `What is not verified changes nothing, is counted and says why`() async throws {
        let read = APIKey.generate()
        let record = read.record(label: "t", scopes: [.read], createdAt: SystemTime().now())
        try await TestServer.run(keys: [record], receipts: TestReceiptRegistry()) { server in
            func refusal(
                _ provider: String, _ headers: [(String, String)], query: String = ""
            ) async throws -> (Int, String?) {
                let answer = try await server.client.send(
                    "POST", "/v1/receipts/\(provider)\(query)", headers: headers, json: receipt())
                return (answer.status, try answer.json()["code"]?.string)
            }
            #expect(try await refusal("acme", []) == (401, "signature"))
            #expect(try await refusal("acme", [("webhook-signature", "bad")]) == (401, "signature"))
            #expect(try await refusal("acme", good, query: "?x=forged") == (401, "signature"))
            #expect(try await refusal("nobody", good) == (401, "unknown_provider"))
            #expect(try await refusal("bare", good) == (401, "unauthorized"))
            #expect(try await refusal("acme", [("Authorization", "Bearer \(read.secret)")]) == (403, "missing_scope"))
            #expect(try await refusal("acme", [("Authorization", "Bearer sobre_00")]) == (401, "invalid_key"))
            #expect(try await server.store.receiptTotals() == [:])
            let bearer = [("Authorization", "Bearer \(read.secret)")]
            let metrics = try await server.client.send("GET", "/metrics", headers: bearer)
            #expect(
                metrics.text.contains(
                    #"sobre_receipts_rejected_total{provider="acme",reason="signature"} 3"#), "\(metrics.text)")
            #expect(metrics.text.contains(#"{provider="unknown",reason="unknown_provider"} 1"#))
            let list = try await server.client.send("GET", "/v1/receipts", headers: bearer)
            #expect(try list.json()["rejected"]?["acme: signature"]?.int == 3)
        }
    }

    @Test(arguments: [
        ("{", 400), (#"{"kind":"delivered"}"#, 422), (#"{"reference":"01jd3v8k6m1r0"}"#, 422),
        (#"{"reference":"x","kind":"delivered"}"#, 422), (#"{"reference":"01jd3v8k6m1r0","kind":"bounced"}"#, 422),
        (#"{"reference":"01jd3v8k6m1r0","kind":"opened","at":"noon"}"#, 422),
        (#"{"reference":"01jd3v8k6m1r0","kind":"opened","who":"me"}"#, 422), ("[[]]", 422), ("17", 422),
    ])
    func `A receipt that cannot be read is refused with its field, and the others of its batch are kept`(
        body: String, status: Int
    ) async throws {
        try await TestServer.run(receipts: TestReceiptRegistry()) { server in
            let alone = try await server.client.send("POST", "/v1/receipts/acme", headers: good, json: body)
            #expect(alone.status == status, "\(alone.text)")
            let batch = try await server.client.send(
                "POST", "/v1/receipts/acme", headers: good, json: "[\(receipt()),\(body)]")
            // Behind broken JSON nobody can say where the next receipt begins.
            if status == 400 {
                #expect(batch.status == 400)
                #expect(try await server.store.receiptTotals() == [:])
            } else {
                #expect(batch.status == 207)
                #expect(try batch.json()["received"]?.int == 1)
                #expect(try batch.json()["rejected"]?.int == 1)
                #expect(try batch.json()["errors"]?[0]?["line"]?.int == 2)
                #expect(try await server.store.receiptTotals() == [.waiting: 1])
            }
        }
    }

    @Test func `One bad line hides neither the complaint before it nor the one after it`() async throws {
        try await TestServer.run(receipts: TestReceiptRegistry()) { server in
            let lines = [
                receipt("complained", #","event_id":"a""#), #"{"kind":"nonsense""#, receipt("nonsense"),
                receipt("complained", #","event_id":"b""#),
            ]
            let answer = try await server.client.send(
                "POST", "/v1/receipts/acme", headers: good + [("Content-Type", "application/x-ndjson")],
                body: Array(lines.joined(separator: "\n").utf8))
            #expect(answer.status == 207, "\(answer.text)")
            let json = try answer.json()
            #expect(json["received"]?.int == 2 && json["rejected"]?.int == 2)
            #expect(json["errors"]?.elements.map { $0["line"]?.int } == [2, 3])
            #expect(json["errors"]?[1]?["field"]?.string == "kind")
            #expect(
                try await server.store.receipts(of: nil, limit: 9).map(\.receipt.kind) == [.complained, .complained])
            let list = try await server.client.send("GET", "/v1/receipts")
            #expect(try list.json()["rejected"]?["acme: invalid_value"]?.int == 1, "\(list.text)")
            let none = try await server.client.send(
                "POST", "/v1/receipts/acme", headers: good, json: "[\(lines[2]),\(lines[2])]")
            #expect(none.status == 422)
            #expect(try none.json()["field"]?.string == "kind" && none.json()["line"]?.int == 1, "\(none.text)")
        }
    }

    @Test func `An inbound message proves itself by the provider's signature, or by a key as bearer or password`()
        async throws
    {
        let key = APIKey.generate()
        let record = key.record(label: "t", scopes: [.receipts], createdAt: SystemTime().now())
        try await TestServer.run(keys: [record], receipts: TestReceiptRegistry()) { server in
            let json = #"{"from":"+12025550123","text":"STOP"}"#
            func status(_ headers: [(String, String)], _ path: String = "/v1/inbound/sms") async throws -> Int {
                try await server.client.send("POST", path, headers: headers, json: json).status
            }
            func basic(_ text: String) -> [(String, String)] {
                [("Authorization", "Basic \(Base64.encode(Array(text.utf8)))")]
            }
            #expect(try await status([]) == 401)
            #expect(try await status([("webhook-signature", "bad")]) == 401)
            #expect(try await status(basic("twilio:sobre_wrong")) == 401)
            #expect(try await status(basic(key.secret)) == 401)
            #expect(try await server.store.suppressions(subject: nil, limit: 9).isEmpty)
            #expect(try await status(good) == 200)
            #expect(try await status(basic("twilio:\(key.secret)")) == 200)
            #expect(try await status([("Authorization", "Bearer \(key.secret)")]) == 200)
            let form = try await server.client.send(
                "POST", "/v1/inbound/sms", headers: good + [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("From=%2B12025550124&Body=STOP".utf8))
            #expect(form.status == 200)
            let subject = Address(channel: .sms, value: "+12025550124").subject
            #expect(try await server.store.suppressions(subject: subject, limit: 9).map(\.source) == ["sms:acme"])
            // A password opens nothing but what providers call.
            let receipts = try await server.client.send(
                "POST", "/v1/receipts/acme", headers: basic("x:\(key.secret)"), json: receipt())
            #expect(receipts.status == 200)
            let others = try await server.client.send("GET", "/v1/receipts", headers: basic("x:\(key.secret)"))
            #expect(others.status == 401)
        }
    }

    @Test func `Size comes first, a full inbox asks to come again, and a form is the provider's own`() async throws {
        var limits = HTTPLimits()
        limits.maxBodyBytes = 1_000
        try await TestServer.run(limits: limits, receipts: TestReceiptRegistry(maxWaiting: 2)) { server in
            let large = "[\(String(repeating: receipt() + ",", count: 20))\(receipt())]"
            // Rejected by its size, before the missing signature is noticed.
            let answer = try await server.client.send("POST", "/v1/receipts/acme", json: large)
            #expect(answer.status == 413)
            let form = try await server.client.send(
                "POST", "/v1/receipts/acme",
                headers: good + [("Content-Type", "application/x-www-form-urlencoded")], body: Array("a=b".utf8))
            #expect(form.status == 200)
            let full = try await server.client.send(
                "POST", "/v1/receipts/acme", headers: good, json: "[\(receipt()),\(receipt("opened"))]")
            #expect(full.status == 503)
            #expect(full.headers["retry-after"] == "1")
            #expect(try await server.store.receiptTotals() == [.waiting: 1])
        }
    }

    @Test func `Where no key exists, this machine may hand receipts in for a provider without a secret`() async throws {
        try await TestServer.run(receipts: TestReceiptRegistry()) { server in
            let bare = try await server.client.send("POST", "/v1/receipts/bare", json: receipt())
            #expect(bare.status == 200)
            // A configured secret is always required.
            let acme = try await server.client.send("POST", "/v1/receipts/acme", json: receipt("opened"))
            #expect(acme.status == 401)
            let foreign = try await server.client.send(
                "POST", "/v1/receipts/bare", headers: [("Origin", "https://evil.example")], json: receipt("opened"))
            #expect(foreign.status == 403)
            #expect(try await server.store.receiptTotals() == [.waiting: 1])
        }
    }
}
