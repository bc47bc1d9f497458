import JSON
import SobreIntake
import SobreModel
import SobreSettings
import Testing

@Suite struct MessageReaderTests {
    private func draft(_ text: String) throws -> MessageDraft {
        try MessageReader().read(json(text)).draft(TestCatalogue())
    }

    @Test func `A full request is read field by field`() throws {
        let draft = try draft(
            """
            {"idempotency_key": "k", "recipient": "cdnow-00004", "template": "order-confirmed", "campaign": "c",
             "journey": "post-purchase", "category": "marketing", "topic": "t", "tags": ["promo/summer", "orders"],
             "channels": ["sms", "email"], "route": "all", "priority": "low", "send_at": "1997-01-01T09:00:00Z",
             "expires_at": "1997-01-02T09:00:00+01:00", "dedup_key": "order-1001", "data": {"cds": 2, "total": 29.33}}
            """)
        #expect(draft.recipient == "cdnow-00004")
        #expect(draft.campaign == "c")
        #expect(draft.journey == "post-purchase")
        #expect(draft.category == "marketing")
        #expect(draft.topic == "t")
        #expect(draft.tags == ["promo/summer", "orders"])
        #expect(draft.channels == [.sms, .email])
        #expect(draft.route == .all)
        #expect(draft.priority == .low)
        #expect(draft.sendAt == Instant(rfc3339: "1997-01-01T09:00:00Z"))
        #expect(draft.expiresAt == Instant(rfc3339: "1997-01-02T08:00:00Z"))
        #expect(draft.dedupKey == "order-1001")
        #expect(String(decoding: draft.data, as: UTF8.self) == "{\"cds\": 2, \"total\": 29.33}")
    }

    @Test func `What a request leaves out comes from the template`() throws {
        let draft = try draft("{\"recipient\":\"a\",\"template\":\"order-confirmed\",\"campaign\":null,\"data\":null}")
        #expect(draft.channels == [.email, .sms])
        #expect(draft.category == "transactional")
        #expect(draft.campaign == "order-confirmed")
        #expect(draft.topic == "orders")
        #expect(draft.tags == ["orders"])
        #expect(draft.priority == .high)
        #expect(draft.route == .first)
        #expect(draft.data == Array("{}".utf8))
    }

    @Test(
        "A mistake names its field and what would be right",
        arguments: [
            ("[]", .wrongType, "", "a message as a JSON object"),
            ("{\"template\":\"thank-you\"}", .missingField, "recipient", "the id of the recipient"),
            ("{\"recipient\":\"a\"}", .missingField, "template", "the name of a template"),
            ("{\"recipient\":\"\",\"template\":\"t\"}", .invalidValue, "recipient", "the id"),
            ("{\"recipient\":7,\"template\":\"t\"}", .wrongType, "recipient", "the id of the recipient"),
            ("{\"recipient\":\"a\\nb\",\"template\":\"t\"}", .invalidValue, "recipient", "without control characters"),
            ("{\"recipient\":\"a\",\"template\":\"t\",\"recipent\":1}", .unknownKey, "recipent", "\"recipient\""),
            (
                "{\"recipient\":\"a\",\"template\":\"t\",\"zzzzzzzz\":1}", .unknownKey, "zzzzzzzz",
                "one of idempotency_key"
            ),
            ("{\"recipient\":\"a\",\"template\":\"thank-yuo\"}", .unknownTemplate, "template", "\"thank-you\""),
            (
                "{\"recipient\":\"a\",\"template\":\"xyzxyz\"}", .unknownTemplate, "template",
                "one of empty, order-confirmed"
            ),
            ("{\"recipient\":\"a\",\"template\":\"empty\"}", .noChannel, "channels", "\"channels\" in the request"),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"channels\":[\"sms\"]}", .noChannel, "channels",
                "one or more of push, email"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"channels\":[]}", .noChannel, "channels",
                "at least one"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"channels\":[\"email\",\"email\"]}", .invalidValue,
                "channels[1]", "each channel once"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"channels\":[\"emial\"]}", .invalidValue,
                "channels[0]",
                "one of email, sms, push"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"channels\":\"email\"}", .wrongType, "channels",
                "a list"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"category\":\"marketting\"}", .unknownCategory,
                "category",
                "\"marketing\""
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"send_at\":\"tomorrow\"}", .invalidValue, "send_at",
                "an RFC 3339 time"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"send_at\":\"2026-02-30T00:00:00Z\"}", .invalidValue,
                "send_at", "an RFC 3339 time"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"send_at\":5}", .wrongType, "send_at",
                "an RFC 3339 time"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"send_at\":\"2026-01-02T00:00:00Z\",\"expires_at\":\"2026-01-01T00:00:00Z\"}",
                .invalidValue, "expires_at", "a time after send_at"
            ),
            ("{\"recipient\":\"a\",\"template\":\"thank-you\",\"data\":[1]}", .wrongType, "data", "an object"),
            (
                #"{"recipient":"a","template":"t","data":{"a":"\\u0000","b":{"c":["\u0000"]}}}"#, .invalidValue,
                "data.b.c[0]", #"text without \u0000"#
            ),
            (
                #"{"recipient":"a","template":"t","data":{"k\u0000":1}}"#, .invalidValue, #"data["k\u0000"]"#,
                #"text without \u0000"#
            ),
            (#"{"recipient":"a\u0000b","template":"t"}"#, .invalidValue, "recipient", "without control characters"),
            ("{\"recipient\":\"a\",\"template\":\"thank-you\",\"tags\":[\"a//b\"]}", .invalidValue, "tags[0]", "a tag"),
            ("{\"recipient\":\"a\",\"template\":\"thank-you\",\"tags\":[\"\"]}", .invalidValue, "tags[0]", "a tag"),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"priority\":\"urgent\"}", .invalidValue, "priority",
                "low"
            ),
            (
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"route\":\"any\"}", .invalidValue, "route",
                "first, all"
            ),
        ] as [(String, IntakeProblem.Code, String, String)])
    func mistakes(_ text: String, _ code: IntakeProblem.Code, _ field: String, _ expected: String) throws {
        let ref = try json(text)
        let problem = #expect(throws: IntakeProblem.self) { try MessageReader().read(ref).draft(TestCatalogue()) }
        #expect(problem?.code == code)
        #expect(problem?.field == field)
        #expect(problem?.expected?.contains(expected) == true, "\(problem?.description ?? "")")
    }

    @Test func `Lengths are bounded`() throws {
        var limits = IntakeLimits()
        limits.maxDataBytes = 10
        limits.maxTags = 1
        let reader = MessageReader(limits: limits)
        let long = String(repeating: "x", count: 201)
        for (text, code) in [
            ("{\"recipient\":\"\(long)\",\"template\":\"t\"}", IntakeProblem.Code.tooLong),
            ("{\"recipient\":\"a\",\"template\":\"\(long)\"}", .tooLong),
            ("{\"recipient\":\"a\",\"template\":\"t\",\"data\":{\"a\":\"1234567890\"}}", .tooLong),
            ("{\"recipient\":\"a\",\"template\":\"t\",\"tags\":[\"a\",\"b\"]}", .tooMany),
            ("{\"recipient\":\"a\",\"template\":\"t\",\"idempotency_key\":\"\(long)\"}", .tooLong),
        ] {
            let ref = try json(text)
            #expect(throws: IntakeProblem.self) { try reader.read(ref) }
            do { _ = try reader.read(ref) } catch { #expect(error.code == code) }
        }
    }

    @Test func `A trace is read, and null is none`() throws {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let field = #""recipient":"a","template":"thank-you","traceparent""#
        #expect(try draft("{\(field):\"\(text)\"}").trace?.text == text)
        #expect(try draft("{\(field):null}").trace == nil)
        for (value, code) in [
            ("\"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01\"", IntakeProblem.Code.invalidValue),
            ("\"\"", .invalidValue), ("7", .wrongType), ("\"\(text)-\(String(repeating: "x", count: 200))\"", .tooLong),
        ] {
            let problem = #expect(throws: IntakeProblem.self) { try draft("{\(field):\(value)}") }
            #expect(problem?.code == code && problem?.field == "traceparent", "\(value): \(problem as Any)")
        }
    }

    @Test func `A message shows neither control characters nor endless text`() throws {
        let ref = try json(
            "{\"recipient\":\"a\",\"template\":\"t\",\"\\u001b[31m\(String(repeating: "k", count: 500))\":1}")
        let problem = #expect(throws: IntakeProblem.self) { try MessageReader().read(ref) }
        #expect(problem?.message.unicodeScalars.contains { $0.value < 0x20 } == false)
        #expect((problem?.message.count ?? 1_000) < 200)
        #expect((problem?.field.count ?? 1_000) < 200)
    }
}
