import JSON
import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import YAMLDocument

@testable import SobreProviders

@Suite("The language of manifests")
struct ManifestLanguageTests {
    @Test(arguments: [
        ("abc", "xabcx", true), ("^abc", "xabc", false), ("^abc$", "abc", true), ("^abc$", "abcd", false),
        ("a.c", "a-c", true), ("colou?r", "COLOR", true), ("^a+b*$", "aaab", true), ("^a+b*$", "b", false),
        ("(cat|dog)s?$", "hotdogs", true), ("^(cat|dog)$", "cow", false), ("[0-9]+", "no 7", true),
        ("^[^0-9]+$", "no 7", false),
        ("^personalizations\\.\\d+\\.(to|cc|bcc)", "personalizations.12.cc.email", true), ("\\.", "abc", false),
        ("^$", "", true), ("^$", "x", false), ("x$", "xx", true), ("", "", true), ("(a|b|c)+d", "abcabcd", true),
        ("^\\s*<", "  \n<html>", true), ("^\\s*<", "a<", false), ("a|", "zzz", true), ("(a*)*b", "aaaa", false),
    ])
    func `patterns match as documented`(pattern: String, text: String, matches: Bool) throws {
        #expect(try TextPattern(pattern).matches(Array(text.utf8)) == matches)
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[z-a]", "*", "a**", "\\", "\\q", String(repeating: "(", count: 40),
        String(repeating: "a", count: 600),
    ])
    func `an invalid pattern is rejected`(pattern: String) {
        #expect(throws: ExpressionError.self) { try TextPattern(pattern) }
    }

    @Test func `a hostile text takes linear time`() throws {
        let pattern = try TextPattern("(a|a|a|a)*(a*)*(a+)+b$")
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 200_000)
        let clock = ContinuousClock()
        let time = clock.measure { #expect(!pattern.matches(text)) }
        #expect(time < .seconds(5))
    }

    @Test(arguments: [
        ("sid", "7"), ("a.b", "x"), ("list[1]", "two"), ("list[*]", "one"), ("errors[0].field", "to"),
        ("details[@type~Fcm].code", "GONE"), ("$", #"{"sid":7,"a":{"b":"x"},"#), ("none", ""), ("list[9]", ""),
        ("sid.x", ""),
        ("details[@type~Nope].code", ""), ("nothing", ""),
    ])
    func `paths find the first value`(path: String, expected: String) throws {
        let json =
            #"{"sid":7,"a":{"b":"x"},"list":["one","two"],"errors":[{"field":"to"}],"nothing":null,"details":[{"@type":"BadRequest"},{"@type":"g/FcmError","code":"GONE"}]}"#
        let plan = ResponsePlan(
            retryAfter: [], variables: [],
            rules: [.init(conditions: [], outcome: .accepted, id: .place(.json(try JSONPath(path))))],
            otherwise: .permanentUnknown, detail: [],
            deadSince: [])
        let outcome = plan.outcome(status: 200, headers: [], body: Array(json.utf8), address: "", now: .epoch)
        #expect(outcome.kind == (expected.isEmpty ? .ambiguous : .accepted))
        #expect((outcome.providerID ?? "").hasPrefix(expected))
    }

    @Test(arguments: ["", "a..b", ".a", "a.", "a[", "a[x]", "a[-1]"])
    func `an invalid path is rejected`(path: String) {
        #expect(throws: ExpressionError.self) { try JSONPath(path) }
    }

    private static let email = EmailContent(
        from: Mailbox(name: "Bücher, Ltd", address: "shop@example.com"), replyTo: Mailbox(address: "re@example.com"),
        subject: "Hi", html: "<p>Hey</p>", text: "Hey\n", headers: [.init(name: "X-A", value: "1")],
        attachments: [.init(filename: "a.bin", contentType: "a/b", content: [0, 255])])

    private static func body(
        _ yaml: String, _ content: RenderedMessage = .sms(SMSContent(from: nil, text: "Say \"hi\" & ü\n")),
        to address: String = "+15005550006"
    ) throws -> String {
        let text = """
            manifest: 1
            name: t
            channel: any
            settings: {key: {default: k1}, off: {optional: true}}
            endpoint: https://api.example
            request:
              body:
            \(yaml.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
            response: {rules: [{when: {status: 200}, outcome: accepted, id: none}]}
            """
        let manifest = try Manifest.parseAll(text: text, file: "t.yaml")[0]
        let provider = try ProviderFactory(manifests: [manifest], time: VirtualTime(.epoch))
            .make(ProviderInstance(name: "i", type: "t", channel: content.channel)).provider
        let transport = FakeTransport()
        _ = send(provider, outbound(content, to: address), over: transport)
        return transport.calls.first?.text ?? ""
    }

    @Test(arguments: [
        ("{a: \"${msg.text}\", b: \"${msg.from}\"}", #"{"a":"Say \"hi\" & ü\n"}"#),
        (
            "{a: \"${msg.to | noplus}\", b: 1, c: true, d: [x, 2.5]}",
            #"{"a":"15005550006","b":1,"c":true,"d":["x",2.5]}"#
        ),
        ("{a: {b: \"${cfg.off}\"}, c: [\"${cfg.off}\"], d: {}, e: []}", #"{"d":{},"e":[]}"#),
        ("{a: \"${cfg.off | default('none')}\", b: \"${cfg.off | default(cfg.key)}\"}", #"{"a":"none","b":"k1"}"#),
        ("{a: {$if: msg.text, $then: yes, $else: no}, b: {$if: cfg.off, $then: 1, $else: 2}}", #"{"a":"yes","b":2}"#),
        ("{a: {$if: cfg.off, $then: 1}}", "{}"), ("{a: \"x-${id}-${attempt}\"}", #"{"a":"x-01jd3v8k6m1r0-2"}"#),
        ("{a: \"p ${cfg.off} q\"}", "{}"), ("{a: \"$${id} $5\"}", #"{"a":"${id} $5"}"#),
        (
            "{a: \"${cfg.key | b64}\", b: \"${cfg.key | sha1_hex}\"}",
            #"{"a":"azE=","b":"a2ab1959c1c3bfa295b0fc90199378272db76b45"}"#
        ),
        ("{a: \"${msg.text | truncate_utf8(12)}\"}", #"{"a":"Say \"hi\" & "}"#),
        ("{a: \"${msg.text | lower | truncate_utf8(3)}\"}", #"{"a":"say"}"#),
        (
            "{a: \"${cfg.key | json}\", b: \"${attempt | parse_json}\", c: \"${attempt | seconds_s}\"}",
            #"{"a":"k1","b":2,"c":"2s"}"#
        ),
        ("{a: \"${admitted_at | http_date}\"}", #"{"a":"Sun, 01 Mar 2026 09:08:07 GMT"}"#),
        (
            "{a: {$kv: [Name, Value], of: msg.metadata}}",
            #"{"a":[{"Name":"sobre_id","Value":"01jd3v8k6m1r0"},{"Name":"sobre_recipient","Value":"p-1"},{"Name":"sobre_campaign","Value":"spring"},{"Name":"sobre_category","Value":"marketing"}]}"#
        ),
        (
            "{a: \"${cfg.key | hmac_sha256_hex('secret')}\"}",
            #"{"a":"c08d7bc803407e268b963d84dab029b12613abec320d8a001e14a8c5cb122304"}"#
        ),
    ])
    func `bodies of text messages`(yaml: String, json: String) throws {
        #expect(try Self.body(yaml) == json)
    }

    @Test(arguments: [
        (
            "{to: {$each: msg.to, $do: {email: \"${it.address}\", name: \"${it.name}\"}}}",
            #"{"to":[{"email":"ann@example.org"}]}"#
        ),
        (
            "{to: \"${msg.to}\", first: \"${msg.to | first}\", all: \"${msg.to | map(mailbox) | join(', ')}\"}",
            #"{"to":"ann@example.org","first":"ann@example.org","all":"ann@example.org"}"#
        ),
        ("{from: \"${msg.from | mailbox}\"}", #"{"from":"=?UTF-8?B?QsO8Y2hlciwgTHRk?= <shop@example.com>"}"#),
        ("{name: \"${msg.from.name | rfc2047}\"}", #"{"name":"=?UTF-8?B?QsO8Y2hlciwgTHRk?="}"#),
        (
            "{files: {$each: msg.attachments, $do: {n: \"${it.filename}\", c: \"${it.content | b64}\"}}}",
            #"{"files":[{"n":"a.bin","c":"AP8="}]}"#
        ),
        ("{$merge: [{$pairs: msg.headers}, {X-A: mine, B: \"2\"}]}", #"{"X-A":"1","B":"2"}"#),
        ("{text: \"${msg.text}\"}", #"{"text":"Hey\n"}"#),
    ])
    func `bodies of emails`(yaml: String, json: String) throws {
        #expect(try Self.body(yaml, .email(Self.email), to: "ann@example.org") == json)
    }

    static let mistakes: [(change: (String, String), place: String, help: String)] = [
        (("${msg.to}", "${msg.too}"), "t.yaml:9:", "did you mean \"msg.to\"?"),
        (("${msg.to}", "${cfg.kez}"), "t.yaml:9:", "did you mean \"cfg.key\"?"),
        (("${msg.to}", "${secret.key}"), "t.yaml:9:", "not declared"),
        (("${msg.to}", "${msg.to | lowr}"), "t.yaml:9:", "did you mean \"lower\"?"),
        (("${msg.to}", "${msg.to"), "t.yaml:9:", "not closed"),
        (("${msg.to}", "${msg.subject}"), "t.yaml:9:", "belongs to email messages"),
        (("${msg.to}", "${msg.metadata}"), "t.yaml:9:", "use $pairs"),
        (("${msg.to}", "${msg.to | unb64}"), "t.yaml:9:", "encode them"),
        (("https://api.example", "https://${msg.to}"), "t.yaml:5:", "before any message"),
        (("endpoint:", "endpont:"), "t.yaml:5:", "did you mean \"endpoint\"?"),
        (("outcome: accepted", "outcome: acepted"), "t.yaml:11:", "did you mean \"accepted\"?"),
        ((", id: json:id", ""), "t.yaml:11:", "an acceptance must say"),
        (("json:id", "jsn:id"), "t.yaml:11:", "not a place in a response"),
        (("status: 200", "status: 999"), "t.yaml:11:", "is not a status"),
        (("status: 200", "text: \"~(\""), "t.yaml:11:", "cannot be used"),
        (("channel: sms", "channel: smss"), "t.yaml:3:", "did you mean \"sms\"?"),
        (("manifest: 1", "manifest: 2"), "t.yaml:1:", "write manifest: 1"),
    ]

    @Test(arguments: mistakes.indices)
    func `an error fails the loading of the manifest and has a position`(index: Int) throws {
        let (change, place, help) = Self.mistakes[index]
        let good = """
            manifest: 1
            name: t
            channel: sms
            settings: {key: {default: k1}}
            endpoint: https://api.example
            request:
              content_type: application/x-www-form-urlencoded
              body:
                To: "${msg.to}"
            response:
              rules: [{when: {status: 200}, outcome: accepted, id: json:id}]
            """
        #expect(try Manifest.parseAll(text: good, file: "t.yaml").count == 1)
        let bad = good.replacing(change.0, with: change.1)
        #expect(bad != good)
        let error = #expect(throws: YAMLError.self) { try Manifest.parseAll(text: bad, file: "t.yaml") }
        #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(help) == true, "\(error?.description ?? "")")
    }

    @Test func `statuses without a rule have a safe meaning`() throws {
        let plan = ResponsePlan(
            retryAfter: [.header("retry-after")], variables: [], rules: [], otherwise: .permanentUnknown, detail: [],
            deadSince: [])
        let kinds = [200, 204, 301, 308, 400, 401, 404, 429, 500, 502, 503].map {
            plan.outcome(status: $0, headers: [], body: [], address: "", now: .epoch).kind
        }
        #expect(
            kinds == [
                .ambiguous, .ambiguous, .configuration, .configuration, .permanentUnknown, .auth, .permanentUnknown,
                .throttled,
                .ambiguous, .ambiguous, .ambiguous,
            ])
    }

    @Test(
        arguments: [
            ("120", Duration.seconds(120)), ("1.5", .milliseconds(1500)),
            ("Sun, 01 Mar 2026 09:09:07 GMT", .seconds(60)),
            ("Sun, 01 Mar 2020 09:09:07 GMT", .zero), ("soon", nil), ("-5", nil),
        ] as [(String, Duration?)])
    func `Retry-After is seconds or a date`(value: String, wait: Duration?) throws {
        let plan = ResponsePlan(
            retryAfter: [.header("retry-after")], variables: [], rules: [], otherwise: .permanentUnknown, detail: [],
            deadSince: [])
        let outcome = plan.outcome(
            status: 429, headers: [("RETRY-AFTER", value)], body: [], address: "",
            now: Instant(rfc3339: "2026-03-01T09:08:07Z")!)
        #expect(outcome.retryAfter == wait)
    }
}
