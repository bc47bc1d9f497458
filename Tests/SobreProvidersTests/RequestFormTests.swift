import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import Text
import YAMLDocument

@testable import SobreProviders

@Suite("Forms, files, keys and limits of requests")
struct RequestFormTests {
    private static let email = EmailContent(
        from: Mailbox(name: "Bücher, Ltd", address: "shop@example.com"), subject: "Hi", html: "<p>Hey</p>",
        text: "Hey\n",
        headers: [.init(name: "X-A", value: "1")],
        attachments: [.init(filename: "a\"\r\n.bin", contentType: "a/b", content: [0, 13, 10, 255])],
        unsubscribeURL: "https://shop.example/u/1")

    private static func provider(
        _ yaml: String, channel: String = "email", settings: String = "{key: {default: k1}, off: {optional: true}}"
    ) throws -> any Provider {
        let text = """
            manifest: 1
            name: t
            channel: \(channel)
            settings: \(settings)
            endpoint: https://api.example
            \(yaml)
            """
        let manifest = try Manifest.parseAll(text: text, file: "t.yaml")[0]
        return try ProviderFactory(manifests: [manifest], time: VirtualTime(.epoch))
            .make(ProviderInstance(name: "i", type: "t")).provider
    }

    private static let accepts = "response: {rules: [{when: {status: 200}, outcome: accepted, id: none}]}"

    private static func call(
        _ yaml: String, _ content: RenderedMessage = .email(email), to address: String = "ann@example.org"
    ) throws -> HTTPCall? {
        let transport = FakeTransport()
        _ = send(try provider("\(yaml)\n\(accepts)"), outbound(content, to: address), over: transport)
        return transport.calls.first
    }

    @Test func `a multipart form has texts, repeated names and files`() throws {
        let call = try #require(
            try Self.call(
                """
                request:
                  content_type: multipart/form-data
                  body:
                    $merge:
                      - to: "${msg.to}"
                        none: "${cfg.off}"
                        tag: [one, "${campaign}", "${cfg.off}"]
                        file: {$each: msg.attachments, $do: {$file: "${it.content}", name: "${it.filename}", type: "${it.content_type}"}}
                      - {$pairs: msg.all_headers, $prefix: "h:"}
                """))
        let type = try #require(call.header("Content-Type"))
        let boundary = try #require(type.split(separator: "=").last.map(String.init))
        #expect(type == "multipart/form-data; boundary=\(boundary)" && boundary.count == 38)
        func part(_ name: String, _ value: String, file: String = "") -> String {
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\(file)\r\n\r\n\(value)\r\n"
        }
        let file = "; filename=\"a%22%0D%0A.bin\"\r\nContent-Type: a/b"
        let before =
            part("to", "ann@example.org") + part("tag", "one") + part("tag", "spring")
            + part("file", "#", file: file).dropLast(2)  // CR LF is one character
        let after =
            "\r\n" + part("h:List-Unsubscribe", "<https://shop.example/u/1>")
            + part("h:List-Unsubscribe-Post", "List-Unsubscribe=One-Click") + part("h:X-A", "1") + "--\(boundary)--\r\n"
        #expect(call.body == Array(before.utf8) + [0, 13, 10, 255] + Array(after.utf8))
    }

    /// Vendors that sign requests in different ways, and one that does not.
    @Test(arguments: ["ses-v2", "azure-email", "mailgun", "webhook"])
    func `a call has the message's trace, which no signature covers`(type: String) throws {
        let settings = [
            "ses-v2": ["region": "eu-west-1"], "azure-email": ["resource": "shop"], "mailgun": ["domain": "m.example"],
            "webhook": ["url": "https://shop.example/in"],
        ]
        let secrets = [
            "ses-v2": ["access_key", "secret_key"], "azure-email": ["access_key"], "mailgun": ["api_key"],
            "webhook": ["signing_secret"],
        ]
        let value = type == "webhook" ? "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3" : "MDEyMzQ1Njc4OWFiY2RlZg=="
        let provider = try factory(environment: ["KEY": value]).make(
            ProviderInstance(
                name: "i", type: type, channel: .email, settings: settings[type] ?? [:],
                secrets: Dictionary(uniqueKeysWithValues: (secrets[type] ?? []).map { ($0, .environment("KEY")) }))
        ).provider
        let plain = EmailContent(from: Mailbox(address: "shop@example.com"), subject: "Hi", text: "Hey\n")
        var message = outbound(.email(plain), to: "ann@example.org")
        let transport = FakeTransport { _ in .json(400, "") }
        _ = send(provider, message, over: transport)
        message.trace = TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        _ = send(provider, message, over: transport)
        let (without, with) = (transport.calls[0], transport.calls[1])
        #expect(without.header("traceparent") == nil)
        #expect(with.header("traceparent") == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        #expect(with.headers.count == without.headers.count + 1)
        for name in ["Authorization", "webhook-signature"] { #expect(with.header(name) == without.header(name)) }
    }

    @Test func `a manifest cannot set the trace itself`() {
        let error = #expect(throws: YAMLError.self) {
            try Self.provider("request: {headers: {TraceParent: \"00\"}, body: {a: b}}\n\(Self.accepts)")
        }
        #expect(error?.description.contains("traceparent is not a manifest's to set") == true, "\(error as Any)")
    }

    @Test func `two requests have different boundaries`() throws {
        let yaml = "request: {content_type: multipart/form-data, body: {a: b}}"
        #expect(try Self.call(yaml)?.header("Content-Type") != Self.call(yaml)?.header("Content-Type"))
    }

    @Test func `the whole email is sent as MIME, as base64 or as a file`() throws {
        let plain = EmailContent(from: Mailbox(address: "shop@example.com"), subject: "Hi", text: "Hey\n")
        let message = outbound(.email(plain), to: "ann@example.org")
        let expected = try MailBuilder().build(plain, for: message)
        let encoded = try Self.call(#"request: {body: {Raw: "${mime | b64}"}}"#, .email(plain))
        #expect(encoded?.text == #"{"Raw":"\#(Base64.encode(expected))"}"#)
        let file = try Self.call(
            """
            request:
              content_type: multipart/form-data
              body: {message: {$file: "${mime}", name: m.mime, type: message/rfc822}}
            """, .email(plain))
        let text = String(decoding: expected, as: UTF8.self)
        #expect(file?.text.contains("Content-Type: message/rfc822\r\n\r\n\(text)\r\n--") == true)
    }

    @Test func `names of pairs can have a prefix in JSON and in a form`() throws {
        let sms = RenderedMessage.sms(SMSContent(text: "x"))
        let transport = FakeTransport()
        for type in ["application/json", "application/x-www-form-urlencoded"] {
            let provider = try Self.provider(
                "request: {content_type: \(type), body: {$merge: [{$pairs: msg.metadata, $prefix: \"v:\"}, {\"v:sobre_id\": forged}]}}\n\(Self.accepts)",
                channel: "sms")
            _ = send(provider, outbound(sms, to: "+1", campaign: nil), over: transport)
        }
        #expect(
            transport.calls[0].text
                == #"{"v:sobre_id":"01jd3v8k6m1r0","v:sobre_recipient":"p-1","v:sobre_category":"marketing"}"#)
        #expect(transport.calls[1].text.hasPrefix("v%3Asobre_id=01jd3v8k6m1r0&v%3Asobre_recipient=p-1"))
    }

    /// The UUID was computed by Python's uuid.uuid5.
    @Test func `a key is sent in a header, as it is or as a UUID`() throws {
        let plain = try Self.call("idempotency: {header: Idempotency-Key}\nrequest: {body: {a: b}}")
        #expect(plain?.header("Idempotency-Key") == "01jd3v8k6m1r0")
        let uuid = try Self.call(
            "idempotency: {header: X-Key, value: \"${key | uuid}\"}\nrequest: {body: {a: b}}")
        #expect(uuid?.header("X-Key") == "76b6b853-ce07-5b6f-aeaf-e282beae41fe")
    }

    private static let lost = HTTPAnswer.failure(TransportFault(.unknown, code: 52, "reset"))

    @Test(arguments: [
        ([lost, .json(200, "{}")], Outcome.Kind.accepted, 2),
        ([.json(502, ""), .json(200, "{}")], .accepted, 2),
        ([.json(502, ""), .json(422, "{}")], .recipientInvalid, 2),
        // What says only that the second request was not processed says nothing about the first one.
        ([.json(502, ""), .json(429, "{}")], .ambiguous, 2),
        ([.json(502, ""), .json(409, "{}")], .ambiguous, 2),
        ([.json(502, ""), .json(502, "")], .ambiguous, 2),
        ([.json(502, ""), .failure(TransportFault(.notSent, code: 7, "refused"))], .ambiguous, 2),
        ([.json(429, "{}"), .json(200, "{}")], .throttled, 1),
        ([.failure(TransportFault(.notSent, code: 7, "refused")), .json(200, "{}")], .transient, 1),
    ])
    func `a request whose answer was lost is repeated with the same key`(
        answers: [HTTPAnswer], kind: Outcome.Kind, calls: Int
    ) throws {
        let list = Answers(answers)
        let transport = FakeTransport { _ in list.next() }
        let provider = try Self.provider(
            """
            idempotency: {header: Idempotency-Key, ambiguous: repeat}
            request: {body: {a: b}}
            response: {rules: [{when: {status: 200}, outcome: accepted, id: none}, {when: {status: 422}, outcome: recipient.invalid}]}
            """)
        #expect(send(provider, outbound(.email(Self.email), to: "ann@example.org"), over: transport)?.kind == kind)
        #expect(transport.calls.count == calls)
        #expect(transport.calls.allSatisfy { $0.header("Idempotency-Key") == "01jd3v8k6m1r0" })
    }

    @Test func `without a key a request is never repeated`() throws {
        let transport = FakeTransport { _ in .json(502, "") }
        let provider = try Self.provider("request: {body: {a: b}}\n\(Self.accepts)")
        #expect(send(provider, outbound(.email(Self.email), to: "a@example.org"), over: transport)?.kind == .ambiguous)
        #expect(transport.calls.count == 1)
    }

    @Test(
        arguments: [
            ("ann@bücher.example", "", #"{"to":"ann@xn--bcher-kva.example"}"#, Outcome.Kind.accepted),
            ("änn@bücher.example", "", nil, .recipientUnreachable),
            ("änn@bücher.example", "capabilities: {eai: true}", #"{"to":"änn@bücher.example"}"#, .accepted),
            ("ann", "", nil, .recipientInvalid), ("a\r\nb@example.org", "", nil, .recipientInvalid),
            (
                "ann@example.org", "capabilities: {max_bytes: 10B}", nil, .contentTooLarge
            ),
        ] as [(String, String, String?, Outcome.Kind)])
    func `an address that a provider cannot take is refused before the call`(
        address: String, capabilities: String, body: String?, kind: Outcome.Kind
    ) throws {
        let transport = FakeTransport()
        let provider = try Self.provider(
            "\(capabilities)\nrequest: {body: {to: \"${msg.to}\"}}\n\(Self.accepts)")
        #expect(send(provider, outbound(.email(Self.email), to: address), over: transport)?.kind == kind)
        #expect(transport.calls.first?.text == body)
    }

    @Test func `an email that could not be sent over SMTP is not sent over HTTP either`() throws {
        let provider = try Self.provider("request: {body: {a: b}}\n\(Self.accepts)")
        #expect(provider.refusal(of: .email(Self.email))?.kind == .contentRejected)
        var email = Self.email
        email.attachments = []
        #expect(provider.refusal(of: .email(email)) == nil)
        email.from.address = "nobody"
        #expect(provider.refusal(of: .email(email))?.kind == .contentRejected)
    }

    static let mistakes: [(yaml: String, words: String)] = [
        ("request: {body: {a: {$file: \"${mime}\", name: a, type: b}}}", "multipart/form-data"),
        (
            "request: {content_type: application/x-www-form-urlencoded, body: {a: {$file: \"${mime}\", name: a, type: b}}}",
            "multipart/form-data"
        ),
        (
            "request: {content_type: multipart/form-data, body: {a: {$file: \"${msg.text}\", name: a, type: b}}}",
            "$file needs bytes"
        ),
        ("request: {content_type: multipart/form-data, body: {a: {$file: \"${mime}\", name: a}}}", "type"),
        ("request: {body: {a: {$eech: msg.to, $do: x}}}", "$each"),
        ("idempotency: Idempotency-Key\nrequest: {body: {a: b}}", "does not say where the key is"),
        ("idempotency: {header: K}\nrequest: {headers: {k: x}, body: {a: b}}", "Sobre adds K itself"),
        ("idempotency: {field: a.b}\nrequest: {body: {a: {c: \"${key}\"}}}", "no field \"a.b\""),
        ("idempotency: {field: a}\nrequest: {body: {a: \"${campaign}\"}}", "no field \"a\""),
        ("idempotency: {header: K, ambiguous: retry}\nrequest: {body: {a: b}}", "retry"),
        ("verified: maybe\nrequest: {body: {a: b}}", "maybe"),
    ]

    @Test(arguments: mistakes.indices)
    func `an error in a request has a position and a hint`(index: Int) {
        let (yaml, words) = Self.mistakes[index]
        let error = #expect(throws: YAMLError.self) { try Self.provider("\(yaml)\n\(Self.accepts)") }
        #expect(error?.description.contains("t.yaml:") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
