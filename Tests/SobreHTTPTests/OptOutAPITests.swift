import JSON
import SobreHTTP
import SobreIntake
import SobreModel
import SobreSQLite
import SobreWire
import SobreStore
import Testing

@Suite("People who want no more") struct OptOutAPITests {
    private let token = UnsubscribeToken(
        delivery: DeliveryID(rawValue: 1 << 40), person: .recipient("ann"), channel: .email, category: "marketing")

    private func suppressions(_ server: TestServer) async throws -> [Suppression] {
        try await server.store.suppressions(subject: .recipient("ann"), limit: 9)
    }

    @Test func `Opening the link changes nothing, whoever opens it`() async throws {
        try await TestServer.run { server in
            let path = "/u/\(TestServer.links.sign(token))"
            for method in ["GET", "HEAD", "GET"] {
                let page = try await server.client.send(method, path)
                #expect(page.status == 200)
                #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(page.headers["set-cookie"] == nil)
                #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            }
            // The answer to HEAD has no body, even if another request follows on the connection.
            let both = try await server.client.exchange { connection in
                connection.send("HEAD \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                connection.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return String(decoding: connection.readToEnd(), as: UTF8.self)
            }
            #expect(both.split(separator: "HTTP/1.1 200 OK").count == 2 && !both.contains("<html"))
            let page = try await server.client.send("GET", path).text
            #expect(page.contains("<form method=\"post\">") && page.contains("<html lang=\"en\">"))
            #expect(page.contains("email of the kind <q>marketing</q>"))
            #expect(!page.contains("ann"))
            #expect(try await suppressions(server).isEmpty)
        }
    }

    @Test(arguments: [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
        ),
    ])
    func `One POST ends it, without key, cookie or redirect, and once more changes nothing`(
        type: String, body: String
    ) async throws {
        let key = APIKey.generate().record(label: "a", scopes: [.read], createdAt: .epoch)
        try await TestServer.run(keys: [key]) { server in
            let path = "/u/\(TestServer.links.sign(token))"
            let headers = [("Content-Type", type), ("User-Agent", "Mail/1\tx")]
            let answer = try await server.client.send("POST", path, headers: headers, body: Array(body.utf8))
            #expect(answer.status == 200)
            #expect(answer.headers["location"] == nil && answer.headers["set-cookie"] == nil)
            let first = try await suppressions(server)
            #expect(first.count == 1)
            #expect(first[0].reason == .unsubscribed && first[0].channel == .email && first[0].category == "marketing")
            #expect(first[0].evidence?.contains("one click on the link of delivery \(token.delivery)") == true)
            #expect(first[0].evidence?.contains("Mail/1") == true)
            _ = try await server.client.send("POST", path, headers: headers, body: Array(body.utf8))
            #expect(try await suppressions(server) == first)
        }
    }

    @Test func `A token that is cut, changed, foreign or garbage is answered 404 and changes nothing`() async throws {
        try await TestServer.run { server in
            let good = TestServer.links.sign(token)
            let foreign = LinkKeys(secrets: [Array("another secret".utf8)]).sign(token)
            var changed = Array(good)
            changed[20] = changed[20] == "A" ? "B" : "A"
            let broken = [
                String(good.dropLast()), String(good.dropFirst()), good + "A", String(changed), foreign, "x",
                String(repeating: "A", count: 4_000), "%00%ff", "preview",
            ]
            for text in broken {
                for method in ["GET", "POST"] {
                    let answer = try await server.client.send(method, "/u/\(text)")
                    #expect(answer.status == 404, "\(method) \(text.prefix(80))")
                    #expect(!answer.text.contains("ann"))
                }
            }
            #expect(try await server.store.suppressions(subject: nil, limit: 9).isEmpty)
            let answer = try await server.client.send("PUT", "/u/\(good)")
            #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD, POST")
            let large = [UInt8](repeating: 65, count: 20_000)
            #expect(try await server.client.send("POST", "/u/\(good)", body: large).status == 413)
        }
    }

    @Test(arguments: [
        "STOP", "stop", " Stop. ", "ＳＴＯＰ", "S.T.O.P", "stop all", "Unsubscribe!", "cancel", "END", "quit", "REVOKE",
        "opt-out", "Arrêt", "ARRET", "arre\u{302}t", "\"STOP\"\n", "kein-sms", "Stop. Thank you", "STOP please",
        "stop texting me!!", "Unsubscribe me from this list", "Opt out, now", "S T O P", "arrêt merci",
        "STOP\nSent from my phone",
        "(stop)", "Kein SMS mehr",
    ])
    func `A word that stops ends SMS to that number`(text: String) async throws {
        try await TestServer.run { server in
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("from", ifPresent: "+12025550123")
                writer.member("to", ifPresent: "+12025550100")
                writer.member("provider", ifPresent: "acme")
                writer.member("text", ifPresent: text)
                writer.member("received_at", ifPresent: "2026-01-01T00:00:00Z")
            }
            for _ in 0..<2 {
                let answer = try await server.client.send("POST", "/v1/inbound/sms", json: writer.string)
                #expect(try answer.json()["heard"]?.string == "stopped")
            }
            let subject = Address(channel: .sms, value: "+12025550123").subject
            let found = try await server.store.suppressions(subject: subject, limit: 9)
            #expect(found.map(\.reason) == [.stopKeyword])
            #expect(found[0].source == "sms:acme")
            #expect(found[0].at == Instant(rfc3339: "2026-01-01T00:00:00Z"))
            #expect(found[0].evidence?.hasPrefix("SMS to +120…00: ") == true)
        }
    }

    @Test(arguments: ["Please stop sending me this", "don't stop", "", "!?", "I quit smoking", "🛑"])
    func `A message that only contains such a word means nothing`(text: String) async throws {
        try await TestServer.run { server in
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("from", ifPresent: "+12025550123")
                writer.key("text")
                writer.value(text)
            }
            let answer = try await server.client.send("POST", "/v1/inbound/sms", json: writer.string)
            #expect(try answer.json()["heard"]?.string == "nothing")
            #expect(try await server.store.suppressions(subject: nil, limit: 9).isEmpty)
            // Somebody must be able to read it.
            let list = try await server.client.send("GET", "/v1/inbound")
            let kept = try list.json()["messages"]
            #expect(kept?.count == 1 && kept?[0]?["text"]?.string == text)
            #expect(kept?[0]?["from"]?.string == "+120…23" && !list.text.contains("+12025550123"))
        }
    }

    @Test(arguments: ["12025550123", "+1 (202) 555-0123", "0012025550123", "1.202.555.0123", "+1 202 555 0123"])
    func `A number is heard however the carrier writes it`(number: String) async throws {
        try await TestServer.run { server in
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("from", ifPresent: number)
                writer.member("text", ifPresent: "STOP")
            }
            let answer = try await server.client.send("POST", "/v1/inbound/sms", json: writer.string)
            #expect(answer.status == 200, "\(answer.text)")
            let subject = Address(channel: .sms, value: "+12025550123").subject
            #expect(try await server.store.suppressions(subject: subject, limit: 9).map(\.reason) == [.stopKeyword])
        }
    }

    @Test func `START lifts what STOP has ended, and nothing else; one from before it lifts nothing`() async throws {
        try await TestServer.run { server in
            let number = Address(channel: .sms, value: "+12025550123")
            try await server.store.suppress([
                Suppression(
                    subject: number.subject, label: number.masked, reason: .hardBounce, source: "provider:acme",
                    at: .epoch)
            ])
            func say(_ text: String, _ at: String) async throws {
                let body = #"{"from":"+12025550123","text":"\#(text)","received_at":"\#(at)"}"#
                let answer = try await server.client.send("POST", "/v1/inbound/sms", json: body)
                #expect(answer.status == 200)
            }
            func reasons() async throws -> Set<Suppression.Reason> {
                Set(try await server.store.suppressions(subject: number.subject, limit: 9).map(\.reason))
            }
            try await say("STOP", "2026-01-01T10:00:00Z")
            #expect(try await reasons() == [.hardBounce, .stopKeyword])
            try await say("start", "2026-01-01T09:00:00Z")
            #expect(try await reasons() == [.hardBounce, .stopKeyword])
            try await say("UNSTOP", "2026-01-01T11:00:00Z")
            #expect(try await reasons() == [.hardBounce])
        }
    }

    @Test func `A person's timeline tells STOP and START in their order, and what the person said`() async throws {
        try await TestServer.run { server in
            let profile = #"{"addresses":[{"channel":"sms","address":"+12025550123"}]}"#
            #expect(try await server.client.send("PUT", "/v1/profiles/ann", json: profile).status == 200)
            for (text, minute) in [("Stop!", 1), ("START", 2), ("Stop!", 3)] {
                let body =
                    #"{"from":"+12025550123","text":"\#(text)","received_at":"2026-01-01T10:0\#(minute):00Z"}"#
                #expect(try await server.client.send("POST", "/v1/inbound/sms", json: body).status == 200)
            }
            let consent = #"{"category":"news","granted":false,"source":"phone","evidence":"call 17"}"#
            #expect(try await server.client.send("POST", "/v1/profiles/ann/consents", json: consent).status == 200)
            let path = "/v1/suppressions?channel=sms&address=%2B12025550123&source=phone&evidence="
            #expect(try await server.client.send("DELETE", path + "call%2018").status == 200)
            let control = try await server.client.send("DELETE", path + "a%0Ab")
            #expect(try control.status == 400 && control.json()["field"]?.string == "evidence")

            let answer = try await server.client.send("GET", "/v1/profiles/ann/timeline")
            let timeline = try answer.json()
            let changes = Array(try #require(timeline["suppressions"]?.elements))
            #expect(changes.map { $0["change"]?.string } == ["lifted", "set", "lifted", "set"])
            #expect(changes.map { $0["evidence"]?.string } == ["call 18", "SMS: Stop!", "SMS: START", "SMS: Stop!"])
            #expect(changes.map { $0["source"]?.string } == ["phone", "sms", "sms", "sms"])
            #expect(changes.last?["at"]?.string == "2026-01-01T10:01:00Z")
            #expect(timeline["consents"]?.elements.map { $0["evidence"]?.string } == ["call 17"])
            #expect(timeline["messages"]?.count == 0 && !answer.text.contains("+12025550123"))
            // The history of the number alone, page by page.
            let number = "/v1/suppressions/history?channel=sms&address=%2B12025550123&limit=3"
            let page = try await server.client.send("GET", number).json()
            #expect(page["history"]?.elements.map { $0["change"]?.string } == ["lifted", "set", "lifted"])
            let next = try #require(page["next_before"]?.int)
            let rest = try await server.client.send("GET", number + "&before=\(next)").json()
            #expect(rest["history"]?.elements.map { $0["at"]?.string } == ["2026-01-01T10:01:00Z"])
            #expect(rest["next_before"] == nil)
            let others = try await server.client.send("GET", "/v1/suppressions/history?recipient=eve").json()
            #expect(others["history"]?.count == 0)
            let short = try await server.client.send("GET", "/v1/profiles/ann/timeline?limit=1").json()
            #expect(short["suppressions"]?.elements.map { $0["evidence"]?.string } == ["call 18"])
        }
    }

    @Test func `The form that Twilio posts is heard, and a broken one is told`() async throws {
        try await TestServer.run { server in
            let type = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
            let body = "ToCountry=US&From=%2B12025550123&To=%2B12025550100&Body=stop+all&MessageSid=SM1"
            let answer = try await server.client.send(
                "POST", "/v1/inbound/sms", headers: type, body: Array(body.utf8))
            #expect(answer.status == 200 && answer.text.contains("<Response/>"))
            let subject = Address(channel: .sms, value: "+12025550123").subject
            #expect(try await server.store.suppressions(subject: subject, limit: 9).map(\.source) == ["sms:twilio"])
            let wrong = try await server.client.send(
                "POST", "/v1/inbound/sms", headers: type, body: Array("Body=x".utf8))
            #expect(try wrong.json()["field"]?.string == "From")
            let number = try await server.client.send(
                "POST", "/v1/inbound/sms", json: #"{"from":"12345","text":"STOP"}"#)
            #expect(try number.json()["field"]?.string == "from")
        }
    }
}
