import JSON
import Testing

@testable import SobreSandbox

@Suite struct PageTests {
    static let attack = #"<script>alert("x")</script><img src='y' onerror=z>&amp;"#

    @Test func `Received data cannot become markup on a page`() async throws {
        try await withSandbox({ $0.storesBodies = true }) { bench in
            let client = try bench.http()
            let json = jsonObject { json in
                json.field("title", Self.attack)
                json.field("text", Self.attack)
                json.field("to", Self.attack)
                json.field("sobre_recipient", Self.attack)
                json.field("sobre_campaign", Self.attack)
                json.field("sobre_id", Self.attack)
            }
            #expect(try client.request("POST", "/webhook/a", body: String(decoding: json, as: UTF8.self)).status == 200)
            let pages = [
                try client.request("GET", "/"), try client.request("GET", "/?person=" + percentEncoded(Self.attack)),
                try client.request("GET", "/_sandbox/messages/1", ["Accept: text/html"]),
            ]
            for page in pages {
                #expect(page.status == 200)
                #expect(page.headers["content-type"] == "text/html; charset=utf-8")
                #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
                #expect(page.text.contains("&lt;script&gt;alert(&quot;x&quot;)"))
                #expect(!page.text.contains("<script") && !page.text.contains("<img"))
                #expect(!page.text.contains("http://") && !page.text.contains("https://"))
            }
            let raw = try client.request("GET", "/_sandbox/messages/1/body")
            #expect(raw.body == json && raw.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(raw.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test func `One recipient's messages are on one timeline over all channels`() async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            for (person, path) in [("ann", "a"), ("bob", "b")] {
                let json = #"{"sobre_recipient":"\#(person)","title":"hook \#(path)"}"#
                #expect(try client.request("POST", "/webhook/x", body: json).status == 200)
                let sms = "To=%2B12025550123&From=1234&Body=sms+\(path)&sobre_recipient=\(person)"
                #expect(try client.request("POST", twilioPath, twilioHeaders(), body: sms).status == 201)
                let mail = try bench.smtp()
                try mail.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<\(person)@d.test>\r\nDATA\r\n")
                try mail.send("Subject: mail \(path)\r\nX-Sobre-Recipient: \(person)\r\n\r\nhi\r\n.\r\n")
                for _ in 0..<4 { _ = try mail.reply() }
            }
            let page = try client.request("GET", "/?person=ANN").text
            for text in ["hook a", "sms a", "mail a"] { #expect(page.contains(text)) }
            for text in ["hook b", "sms b", "mail b"] { #expect(!page.contains(text)) }
            let mails = try client.request("GET", "/_sandbox/messages?person=bob@d.test&channel=email")
            let list = try parsed(mails.body)["messages"]
            #expect(list?.count == 1 && list?[0]?["title"]?.string == "mail b")
            #expect(try await bench.sandbox.messages(MessageQuery(person: "bob", limit: 2)).map(\.seq) == [6, 5])
        }
    }

    @Test(arguments: ["person=a&colour=red", "limit=0", "limit=many", "channel=fax"])
    func `An invalid query is rejected`(query: String) async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            #expect(try client.request("GET", "/_sandbox/messages?\(query)").status == 400)
            #expect(try client.request("GET", "/?\(query)").status == 400)
        }
    }

    @Test(arguments: ["evil.test", "evil.test:8490", "localhost.evil.test", "127.0.0.1.evil.test"])
    func `A request under a foreign name is refused`(host: String) async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            for line in ["GET / HTTP/1.1", "GET /_sandbox/messages HTTP/1.1", "POST /webhook/sms HTTP/1.1"] {
                try client.send("\(line)\r\nHost: \(host)\r\nContent-Length: 0\r\n\r\n")
                let answer = try client.response()
                #expect(answer.status == 403)
                #expect(answer.text.contains("--allow-host"))
            }
        }
        try await withSandbox({ $0.allowedHosts = ["sandbox.internal"] }) { bench in
            let client = try bench.http()
            for host in ["sandbox.internal:8490", "LOCALHOST", "127.0.0.1:1", "[::1]:8490", "192.0.2.7"] {
                try client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                #expect(try client.response().status == 200)
            }
        }
    }

    @Test func `Wrong numbers, methods and names get an error`() async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            #expect(try client.request("GET", "/_sandbox/messages/1").status == 404)
            #expect(try client.request("GET", "/_sandbox/messages/x").status == 400)
            #expect(try client.request("GET", "/_sandbox/messages/99999999999999999999").status == 400)
            #expect(try client.request("GET", "/_sandbox/nothing").status == 404)
            #expect(try client.request("POST", "/_sandbox/nothing").status == 404)
            #expect(try client.request("DELETE", "/_sandbox/stats").status == 405)
            #expect(try client.request("HEAD", "/").status == 200)
            #expect(try client.request("POST", "/_sandbox/reset", ["Origin: http://elsewhere.test"]).status == 403)
            #expect(try client.request("POST", "/_sandbox/reset", ["Origin: http://127.0.0.1"]).status == 200)
            // A foreign name that resolves to this machine.
            let rebound = "POST /_sandbox/reset HTTP/1.1\r\nHost: evil.test\r\nOrigin: http://evil.test\r\n"
            try client.send(rebound + "Content-Length: 0\r\n\r\n")
            #expect(try client.response().status == 403)
            for body in ["{}", "3", #"{"now":-1}"#, #"{"now":1.5}"#, #"{"now":"soon"}"#, "{"] {
                #expect(try client.request("POST", "/_sandbox/clock", body: body).status == 400)
            }
        }
    }

    @Test func `A table fits its width and contains no control characters`() {
        var message = ReceivedMessage(at: 854_700_000_000, channel: .email, provider: "smtp", to: "ann@example.com")
        message.title = "Line\u{1B}[2J one\r\n東京からのとても長いお知らせです。ぜひご覧くださいませ。\u{202E}abc"
        message.seq = 12
        var refused = message
        refused.fault = "429"
        refused.status = 429
        message.accepted = true
        message.answered = true
        for width in [40, 60, 80, 120] {
            let table = SandboxTable.messages([message, refused], width: width)
            let lines = table.split(separator: "\n")
            #expect(lines.count == 3)
            for line in lines { #expect(SandboxTable.columns(String(line)) <= width, "\(line)") }
            #expect(!table.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202E })
        }
        #expect(SandboxTable.messages([message], width: 120).contains("97-01-31 08:40:00"))
        #expect(SandboxTable.summary([message, refused]) == "email    2 received, 1 accepted, 1 refused\n")
        #expect(SandboxTable.messages([]) == "Nothing received yet.\n")
    }

    @Test(
        arguments: [
            (0, "1970-01-01", "00:00:00"), (951_827_696_789, "2000-02-29", "12:34:56"), (-1, "1969-12-31", "23:59:59"),
            (4_107_542_399_999, "2100-02-28", "23:59:59"), (4_107_542_400_000, "2100-03-01", "00:00:00"),
            (253_402_300_799_000, "9999-12-31", "23:59:59"),
        ] as [(Int64, String, String)])
    func `An instant is written as its civil date`(milliseconds: Int64, day: String, time: String) {
        let text = TimeText(milliseconds: milliseconds)
        #expect(text.day == day && text.time == time)
    }
}
