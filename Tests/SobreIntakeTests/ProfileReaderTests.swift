import JSON
import SobreIntake
import SobreModel
import Testing

@Suite struct ProfileReaderTests {
    @Test func `A full profile is read field by field`() throws {
        let profile = try ProfileReader().read(
            json(
                """
                {"id": "cdnow-00004", "locale": "en-US", "timezone": "America/New_York", "country": "US",
                 "addresses": [{"channel": "email", "address": "a@example.com"}, {"channel": "sms", "address": "+12025550123"},
                   {"channel": "push", "address": "token:1", "provider": "fcm", "platform": "android"},
                   {"channel": "email", "address": "a@example.com"}],
                 "consents": [{"category": "marketing", "channel": "email", "granted": true, "at": "1997-01-01T00:00:00Z",
                   "source": "checkout"}, {"category": "news", "granted": false}],
                 "attributes": {"first_name": "Ann"}}
                """))
        #expect(profile.id == "cdnow-00004")
        #expect(profile.locale == "en-US")
        #expect(profile.timezone == "America/New_York")
        #expect(profile.country == "US")
        #expect(
            profile.addresses == [
                Address(channel: .email, value: "a@example.com"), Address(channel: .sms, value: "+12025550123"),
                Address(channel: .push, value: "token:1", provider: "fcm", platform: "android"),
            ])
        #expect(
            profile.consents == [
                Consent(
                    category: "marketing", channel: .email, granted: true, at: Instant(rfc3339: "1997-01-01T00:00:00Z"),
                    source: "checkout"), Consent(category: "news", granted: false),
            ])
        #expect(String(decoding: profile.attributes, as: UTF8.self) == "{\"first_name\": \"Ann\"}")
    }

    @Test(
        "A mistake names its field",
        arguments: [
            ("{}", .missingField, "id"), ("{\"id\":\"a\",\"timezone\":\"Mars/Olympus\"}", .unknownTimeZone, "timezone"),
            ("{\"id\":\"a\",\"timezone\":\"../../etc/passwd\"}", .unknownTimeZone, "timezone"),
            ("{\"id\":\"a\",\"timezone\":\"\"}", .invalidValue, "timezone"),
            ("{\"id\":\"a\",\"locale\":\"e\"}", .invalidValue, "locale"),
            ("{\"id\":\"a\",\"locale\":\"en_US\"}", .invalidValue, "locale"),
            ("{\"id\":\"a\",\"country\":\"us\"}", .invalidValue, "country"),
            ("{\"id\":\"a\",\"addresses\":{}}", .wrongType, "addresses"),
            ("{\"id\":\"a\",\"addresses\":[{\"channel\":\"email\"}]}", .missingField, "addresses[0].address"),
            ("{\"id\":\"a\",\"addresses\":[{\"address\":\"x@y.zz\"}]}", .missingField, "addresses[0].channel"),
            (
                "{\"id\":\"a\",\"addresses\":[{\"channel\":\"email\",\"address\":\"a@example.com\\r\\nBcc: x@y.zz\"}]}",
                .invalidValue, "addresses[0].address"
            ),
            (
                "{\"id\":\"a\",\"addresses\":[{\"channel\":\"sms\",\"address\":\"0202\"}]}", .invalidValue,
                "addresses[0].address"
            ),
            (
                "{\"id\":\"a\",\"addresses\":[{\"channel\":\"push\",\"address\":\"t\",\"platform\":\"symbian\"}]}",
                .invalidValue, "addresses[0].platform"
            ),
            (
                "{\"id\":\"a\",\"addresses\":[{\"channel\":\"push\",\"adress\":\"t\"}]}", .unknownKey,
                "addresses[0].adress"
            ),
            ("{\"id\":\"a\",\"consents\":[{\"category\":\"m\"}]}", .missingField, "consents[0].granted"),
            ("{\"id\":\"a\",\"consents\":[{\"granted\":true}]}", .missingField, "consents[0].category"),
            (
                "{\"id\":\"a\",\"consents\":[{\"category\":\"m\",\"granted\":\"yes\"}]}", .wrongType,
                "consents[0].granted"
            ),
            ("{\"id\":\"a\",\"attributes\":\"x\"}", .wrongType, "attributes"),
            (#"{"id":"a","attributes":{"names":["Ann","B\u0000b"]}}"#, .invalidValue, "attributes.names[1]"),
            (#"{"id":"a\u0000"}"#, .invalidValue, "id"),
            ("{\"id\":\"a\",\"time_zone\":\"x\"}", .unknownKey, "time_zone"),
        ] as [(String, IntakeProblem.Code, String)])
    func mistakes(_ text: String, _ code: IntakeProblem.Code, _ field: String) throws {
        let ref = try json(text)
        let problem = #expect(throws: IntakeProblem.self) { try ProfileReader().read(ref) }
        #expect(problem?.code == code)
        #expect(problem?.field == field)
    }

    @Test func `The path's id must be the body's`() throws {
        #expect(try ProfileReader().read(json("{}"), id: "a").id == "a")
        #expect(try ProfileReader().read(json("{\"id\":\"a\"}"), id: "a").id == "a")
        let ref = try json("{\"id\":\"b\"}")
        let problem = #expect(throws: IntakeProblem.self) { try ProfileReader().read(ref, id: "a") }
        #expect(problem?.field == "id")
    }
}

@Suite struct AddressGrammarTests {
    @Test(
        "Well-formed addresses pass",
        arguments: [
            (.email, "a@example.com"), (.email, "first.last+tag@sub.example.co.uk"), (.email, "o'brien@example.ie"),
            (.email, "x@xn--bcher-kva.example"), (.email, "1@2.example"), (.email, "a!#$%&'*+-/=?^_`{|}~b@example.com"),
            (.email, "é@example.com"), (.email, "a@exämple.com"), (.email, "用户@例子.example"),
            (.email, "a@exa\u{308}mple.com"),
            (.sms, "+12025550123"), (.sms, "+33612345678"), (.sms, "+123456789012345"), (.push, "abc:DEF_1-2.3"),
        ] as [(Channel, String)])
    func good(_ channel: Channel, _ address: String) {
        #expect(AddressGrammar.problem(with: address, channel: channel) == nil)
    }

    @Test(
        "Everything else does not",
        arguments: [
            (.email, ""), (.email, "a"), (.email, "@example.com"), (.email, "a@"), (.email, "a@b@c.de"),
            (.email, "a b@example.com"), (.email, "a@example"), (.email, "a@.com"), (.email, "a@example..com"),
            (.email, "a@-example.com"), (.email, "a@example-.com"), (.email, ".a@example.com"),
            (.email, "a.@example.com"),
            (.email, "a..b@example.com"), (.email, "\"a b\"@example.com"), (.email, "a@[127.0.0.1]"),
            (.email, "a@127.0.0.1"), (.email, "a\u{202e}@example.com"),
            (.email, "a@☃.example"), (.email, "ä\u{a0}b@example.com"), (.email, "a@example.com\r\n"),
            (.email, "a\0@example.com"), (.email, "<a@example.com>"), (.email, "a,b@example.com"),
            (.email, "Ann <a@example.com>"), (.email, String(repeating: "a", count: 65) + "@example.com"),
            (.email, "a@" + String(repeating: "b", count: 64) + ".com"),
            (.email, "a@" + String(repeating: "b.", count: 130) + "com"), (.sms, "2025550123"), (.sms, "+0123456789"),
            (.sms, "+1 202 555 0123"), (.sms, "+1-202-555-0123"), (.sms, "+123456"), (.sms, "+1234567890123456"),
            (.sms, "+12025550123\n"), (.sms, "+１２０２５５５０１２３"), (.push, "a b"), (.push, "a\n"), (.push, "é"),
        ] as [(Channel, String)])
    func bad(_ channel: Channel, _ address: String) {
        #expect(AddressGrammar.problem(with: address, channel: channel) != nil)
    }
}
