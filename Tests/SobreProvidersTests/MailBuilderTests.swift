import Foundation
import SobreDelivery
import SobreModel
import Testing

@testable import SobreProviders

@Suite("Emails")
struct MailBuilderTests {
    private static func content(
        subject: String = "Hello", html: String? = "<p>Hello</p>", text: String? = "Hello", name: String? = "Shop",
        headers: [EmailContent.Header] = [], attachments: [EmailContent.Attachment] = [], unsubscribe: String? = nil
    ) -> EmailContent {
        EmailContent(
            from: Mailbox(name: name, address: "shop@example.com"), subject: subject, html: html, text: text,
            headers: headers, attachments: attachments, unsubscribeURL: unsubscribe)
    }

    private static func build(_ content: EmailContent, to address: String = "ann@example.org") throws -> [UInt8] {
        try MailBuilder().build(content, for: outbound(.email(content), to: address))
    }

    @Test func `a plain email has exactly these bytes`() throws {
        let content = Self.content(html: nil, text: "Dear Ann,\nfrom 5 € on.\n")
        let mail = String(decoding: try Self.build(content), as: UTF8.self)
        #expect(
            mail
                == """
                Date: Sun, 01 Mar 2026 09:08:07 +0000
                From: Shop <shop@example.com>
                To: ann@example.org
                Subject: Hello
                Message-ID: <01jd3v8k6m1r0@example.com>
                X-Sobre-Id: 01jd3v8k6m1r0
                X-Sobre-Recipient: p-1
                X-Sobre-Campaign: spring
                X-Sobre-Category: marketing
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Dear Ann,
                from 5 =E2=82=AC on.


                """.replacing("\n", with: "\r\n"))
    }

    @Test func `a retry has the same bytes except its date, and a possible duplicate is marked`() throws {
        let content = Self.content()
        var again = outbound(.email(content), to: "ann@example.org", possibleDuplicate: true)
        again.attempt = 3
        let first = String(decoding: try Self.build(content), as: UTF8.self)
        let second = String(decoding: try MailBuilder().build(content, for: again), as: UTF8.self)
        #expect(second.replacing("X-Sobre-Possible-Duplicate: 1\r\n", with: "") == first)
        #expect(second != first)
    }

    @Test func `no line is longer than 998 characters, all end in CRLF and all are ASCII`() throws {
        let long = String(repeating: "wörd ", count: 900)
        let content = Self.content(
            subject: String(long.prefix(700)), html: "<p>" + String(repeating: "x", count: 5000), text: long,
            name: String(repeating: "Ä", count: 90),
            headers: [.init(name: "X-Long", value: String(repeating: "k", count: 1200))],
            attachments: [.init(filename: String(repeating: "ü", count: 120), contentType: "a/b", content: [1, 2, 3])])
        let mail = try Self.build(content)
        let lines = mail.split(separator: 0x0a, omittingEmptySubsequences: false)
        #expect(lines.dropLast().allSatisfy { $0.last == 0x0d && !$0.dropLast().contains(0x0d) && $0.count <= 999 })
        #expect(mail.allSatisfy { $0 < 0x80 })
    }

    @Test(arguments: [" ", "x", " x", "x ", "\u{A0}", "ü", "x  "])
    func `whatever a header is made of, its lines stay within 998 octets`(piece: String) throws {
        for count in [899, 900, 901, 997, 998, 999, 1_501, 2_000] {
            let filling = String(String(repeating: piece, count: count).prefix(count))
            let content = Self.content(
                subject: "a\(filling)b", text: "t",
                headers: [.init(name: "X-\(String(repeating: "n", count: 74))", value: "a\(filling)b")])
            let mail = try Self.build(content)
            let lines = mail.split(separator: 0x0a, omittingEmptySubsequences: false)
            #expect(lines.allSatisfy { $0.count <= 999 }, "\(piece) × \(count)")
            // The words arrive as they were written.
            guard PythonMail.executable != nil else { continue }
            let reading = try PythonMail.read(mail)
            #expect(reading.headers["subject"] == "a\(filling)b", "\(piece) × \(count)")
        }
    }

    static let subjects = [
        "Plain words", "Déjà vu: 50 % für dich", "日本語の件名はとても長いので折り返さなければなりません。そうでしょう？もっと長く。",
        "👩‍👩‍👧‍👦 family 👨‍🚀 emoji " + String(repeating: "🎉", count: 40), "looks =?UTF-8?Q?encoded?= already",
        "A long subject of plain words that has to be folded somewhere because it is longer than one line may be at most",
        "two  spaces   stay", "ünïcödé with ? and = and _ and \"quotes\" (and brackets)", "",
        String(repeating: "x", count: 2000),
    ]

    @Test(arguments: subjects)
    func `encoded words are short and whole`(subject: String) throws {
        let mail = String(decoding: try Self.build(Self.content(subject: subject)), as: UTF8.self)
        for line in mail.split(separator: "\r\n") where line.contains("=?UTF-8?") {
            #expect(line.utf8.count <= 76)
            for word in line.split(separator: " ") where word.hasPrefix("=?UTF-8?") {
                #expect(word.utf8.count <= 75)
                #expect(word.hasSuffix("?="))
            }
        }
    }

    @Test(
        "Python's email package reads the same subject", .enabled(if: PythonMail.executable != nil), arguments: subjects
    )
    func subjectRoundTrip(subject: String) throws {
        let reading = try PythonMail.read(try Self.build(Self.content(subject: subject)))
        #expect(reading.headers["subject"] == subject)
        #expect(reading.defects.isEmpty)
    }

    @Test(
        "Python's email package reads the same sender", .enabled(if: PythonMail.executable != nil),
        arguments: [
            "Shop", "Ann's Shop, Inc.", "Quote \"me\" \\ back", "Blümchen & Söhne GmbH, München", "日本語ショップ",
            String(repeating: "Long name ", count: 12), "trailing ", "a@b", "dot.ted", "=?looks?=",
        ])
    func senderRoundTrip(name: String) throws {
        let reading = try PythonMail.read(try Self.build(Self.content(name: name)))
        #expect(reading.from.count == 1)
        let shown = name.trimmingCharacters(in: .whitespaces)
        #expect(reading.from.first?[0].trimmingCharacters(in: .whitespaces) == shown)
        #expect(reading.from.first?[1] == "shop@example.com")
    }

    @Test(
        "Python's email package reads bodies and attachments as they were", .enabled(if: PythonMail.executable != nil))
    func wholeRoundTrip() throws {
        let text =
            "Dear Änne,\n.\n..two dots\nFrom here\ntab\tspace \nlong " + String(repeating: "é=", count: 200) + "\nend"
        let html =
            "<html><body class=x><p>Grüße</p>\n<a href=\"https://example.com/?a=1&amp;b=2\">go</a></body></html>\n"
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var content = Self.content(
            html: html, text: text, headers: [.init(name: "X-Campaign-Note", value: "Frühling")],
            attachments: [
                .init(filename: "invoice 7.pdf", contentType: "application/pdf", content: bytes),
                .init(
                    filename: "Rechnung für März – sehr langer Name, damit er umbrochen werden muss.pdf",
                    contentType: "application/pdf", content: Array("%PDF".utf8)),
                .init(filename: "q\"uote.txt", contentType: "text/plain", content: []),
            ], unsubscribe: "https://example.com/u/opaque-token")
        content.preheader = "Only <today> & tomorrow"
        let reading = try PythonMail.read(try Self.build(content))
        #expect(reading.defects.isEmpty)
        #expect(
            reading.structure
                == "multipart/mixed(multipart/alternative(text/plain,text/html),application/pdf,application/pdf,text/plain)"
        )
        #expect(reading.parts[0].text?.trimmingCharacters(in: .newlines) == text)
        let hidden =
            "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">Only &lt;today&gt; &amp; tomorrow</div>"
        let expected = html.replacing("<body class=x>", with: "<body class=x>" + hidden)
        #expect(reading.parts[1].text?.trimmingCharacters(in: .newlines) == expected.trimmingCharacters(in: .newlines))
        #expect(reading.parts[2].filename == "invoice 7.pdf")
        #expect(reading.parts[2].base64 == Data(bytes).base64EncodedString())
        #expect(reading.parts[3].filename == content.attachments[1].filename)
        #expect(reading.parts[4].filename == "q\"uote.txt")
        #expect(reading.headers["x-campaign-note"] == "Frühling")
        #expect(reading.headers["list-unsubscribe"] == "<https://example.com/u/opaque-token>")
        #expect(reading.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click")
        #expect(reading.headers["message-id"] == "<01jd3v8k6m1r0@example.com>")
        #expect(reading.headers["bcc"] == nil)
    }

    @Test func `an email without a text part is one part of HTML`() throws {
        let mail = String(decoding: try Self.build(Self.content(html: "<p>Hi</p>", text: nil)), as: UTF8.self)
        #expect(!mail.contains("multipart/"))
        #expect(mail.contains("Content-Type: text/html; charset=utf-8\r\n"))
        #expect(mail.hasSuffix("\r\n\r\n<p>Hi</p>\r\n"))
    }

    @Test func `a line end anywhere in a header value is rejected`() throws {
        let evil = "x\r\nBcc: victim@example.com"
        var cases = [
            Self.content(subject: evil), Self.content(name: evil), Self.content(unsubscribe: "https://a/\r\nBcc: x"),
            Self.content(headers: [.init(name: "X-A", value: evil)]),
            Self.content(headers: [.init(name: evil, value: "x")]),
            Self.content(headers: [.init(name: "Bcc", value: "victim@example.com")]),
            Self.content(headers: [.init(name: "X-Sobre-Id", value: "other")]),
            Self.content(attachments: [.init(filename: evil, contentType: "a/b", content: [])]),
            Self.content(attachments: [.init(filename: "a", contentType: "a/b\r\nX: y", content: [])]),
            Self.content(attachments: [.init(filename: "../../etc/passwd", contentType: "a/b", content: [])]),
            Self.content(html: nil, text: nil),
        ]
        var reply = Self.content()
        reply.replyTo = Mailbox(address: "a@b.example>\r\nBcc: <v@example.com")
        cases.append(reply)
        var from = Self.content()
        from.from.address = "shop@example.com\nBcc: v@example.com"
        cases.append(from)
        for content in cases {
            #expect(throws: MailError.self) { try Self.build(content) }
            #expect(SMTPProvider(name: "s", relay: MailRelay(host: "h", port: 25)).refusal(of: .email(content)) != nil)
        }
        #expect(throws: MailError.self) {
            try Self.build(Self.content(), to: "ann@example.org\r\nRCPT TO:<v@example.com>")
        }
    }

    @Test func `an email over the limit is rejected before it is built`() throws {
        let content = Self.content(attachments: [
            .init(filename: "a", contentType: "a/b", content: [UInt8](repeating: 1, count: 3000))
        ])
        #expect(throws: MailError.self) {
            try MailBuilder(maxBytes: 2000).build(content, for: outbound(.email(content), to: "ann@example.org"))
        }
    }

    @Test(arguments: [
        ("ann@example.org", true), ("a.b+c@sub.example.co", true), ("x@localhost", true),
        ("o'neil_%@xn--bcher-kva.example", true),
        ("", false), ("ann", false), ("@example.org", false), ("ann@", false), (".ann@example.org", false),
        ("a..b@example.org", false), ("ann.@example.org", false), ("ann@-a.example", false), ("ann@a..b", false),
        ("ann@example.org.", false), ("a b@example.org", false), ("<ann@example.org>", false),
        ("ann@exa mple.org", false),
        ("ann@example.org\r\n", false), ("ann\u{0}@example.org", false), ("änne@example.org", true),
        ("ann@bücher.example", true), ("ann@b\u{200b}ücher.example", false), ("a\u{202e}nn@example.org", false),
        ("ann@bu\u{308}cher.example", true), ("ann@bücher。example", false), ("ann\u{a0}x@example.org", false),
        ("\"a b\"@example.org", false), ("ann@[127.0.0.1]", false), ("a@b@c", false),
        (String(repeating: "a", count: 65) + "@example.org", false),
        ("a@" + String(repeating: "b", count: 64) + ".org", false),
        ("a@" + String(repeating: "b.", count: 130) + "org", false),
    ])
    func `the grammar of addresses is strict`(address: String, isGood: Bool) {
        #expect((MailAddressGrammar.problem(in: address) == nil) == isGood)
    }
}
