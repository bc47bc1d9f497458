import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

@Suite("How receipts are read")
struct ReceiptFormatTests {
    private static let now = Instant(rfc3339: "2026-03-01T09:08:08Z")!

    private static func gate(_ receipts: String) throws -> ReceiptGate {
        let text = """
            manifest: 1
            name: t
            channel: sms
            endpoint: https://api.example
            request: {body: {m: "${msg.text}"}}
            response: {rules: [{when: {status: 200}, outcome: accepted, id: none}]}
            receipts:
              verify: {type: standard_webhooks}
            \(receipts.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
            """
        return try ProviderFactory(manifests: try Manifest.parseAll(text: text, file: "t.yaml")).receiptGate(
            ProviderInstance(name: "t", type: "t"))
    }

    private static let json = """
        decode: json
        event:
          reference: [json:meta.sobre_id, query:sobre_id]
          id: json:id
          event_id: json:event_id
          status: json:event
          detail: json:code
          diagnostic: json:reason
          time: json:at
        status: {queued: none, delivered: delivered, failed: bounced.soft, failed/9: failed}
        errors: {"7": bounced.hard}
        """

    private static func read(_ body: String, query: String = "", _ yaml: String = json) throws -> ReceiptReading {
        try gate(yaml).read(
            ReceiptRequest(query: query, headers: [:], body: Array(body.utf8)), isSigned: true, now: now)
    }

    @Test func `an event becomes a receipt with its reference, ids, time and reason`() throws {
        let receipt = try #require(
            try Self.read(
                #"{"meta":{"sobre_id":"01jd3v8k6m1r0"},"id":"m1","event_id":"e1","event":"failed","code":7,"reason":"no such user ann@example.org","at":1772356000}"#
            ).receipts.first)
        #expect(receipt.delivery == DeliveryID("01jd3v8k6m1r0") && receipt.providerID == "m1")
        #expect(receipt.eventID == "e1" && receipt.kind == .bouncedHard && receipt.isSigned)
        #expect(receipt.at == Instant(milliseconds: 1_772_356_000_000))
        #expect(receipt.detail == "failed 7 no such user …")
    }

    @Test(arguments: [
        (#""event":"failed""#, Receipt.Kind.bouncedSoft), (#""event":"failed","code":9"#, .failed),
        (#""event":"failed","code":7"#, .bouncedHard), (#""event":"failed","code":8"#, .bouncedSoft),
        (#""event":"delivered","code":7"#, .delivered), (#""event":"queued""#, nil),
    ])
    func `a status, its detail and the table of errors say what happened`(fields: String, kind: Receipt.Kind?) throws {
        #expect(try Self.read("{\"id\":\"m\",\(fields)}").receipts.first?.kind == kind)
    }

    @Test func `the query tells the message where the body does not`() throws {
        let reading = try Self.read(#"{"event":"delivered"}"#, query: "sobre_id=01jd3v8k6m1r0")
        #expect(reading.receipts.first?.delivery == DeliveryID("01jd3v8k6m1r0"))
        #expect(reading.receipts.first?.eventID == "01jd3v8k6m1r0/delivered")
    }

    @Test func `of a list the readable events count, and the others are named`() throws {
        let reading = try Self.read(
            #"[{"id":"a","event":"delivered"},{"id":"b","event":"dreaming"},{"event":"delivered"},{"id":"c","event":"queued"},{"id":"d","event":"failed"}]"#
        )
        #expect(reading.receipts.map(\.providerID) == ["a", "d"])
        #expect(reading.refusals.map(\.code) == [.malformed, .malformed])
    }

    @Test(arguments: ["", "nonsense", "{}", #"{"id":"a"}"#, #"[{"id":"b","event":"dreaming"}]"#])
    func `a request of which nothing is readable is rejected`(body: String) throws {
        #expect(throws: ReceiptRefusal.self) { try Self.read(body) }
    }

    @Test func `events can be inside another list`() throws {
        let yaml = """
            decode: json
            events: results[*].message
            event: {id: json:id, status: json:event}
            status: {delivered: delivered}
            """
        let body =
            #"{"results":[{"message":{"id":"a","event":"delivered"}},{"message":{"id":"b","event":"delivered"}}]}"#
        #expect(try Self.read(body, yaml).receipts.map(\.providerID) == ["a", "b"])
        #expect(throws: ReceiptRefusal.self) { try Self.read(#"{"results":[]}"#, yaml) }
    }

    @Test(arguments: [
        ("1772356000", "2026-03-01T09:06:40Z"), ("1772356000123", "2026-03-01T09:06:40.123Z"),
        ("1772356000.5", "2026-03-01T09:06:40.500Z"), ("\"2026-03-01T10:06:40+01:00\"", "2026-03-01T09:06:40Z"),
        ("\"2026-03-01 09:06:40\"", "2026-03-01T09:06:40Z"),
        // Too old, in the future, or not a time: the time of arrival counts.
        ("1", "2026-03-01T09:08:08Z"), ("1872356000", "2026-03-01T09:08:08Z"), ("\"soon\"", "2026-03-01T09:08:08Z"),
    ])
    func `times are seconds, milliseconds or RFC 3339`(at: String, time: String) throws {
        let receipt = try Self.read(#"{"id":"a","event":"delivered","at":\#(at)}"#).receipts.first
        #expect(receipt?.at == Instant(rfc3339: time))
    }

    @Test func `JSON counts as the provider's only where the provider has signed it`() throws {
        let json = try Self.gate(Self.json)
        #expect(json.isNative(contentType: "application/json", hasBody: true, isSigned: true))
        #expect(!json.isNative(contentType: "application/json", hasBody: true, isSigned: false))
        let form = try Self.gate("decode: form\nevent: {id: form:I, status: form:S}\nstatus: {a: sent}")
        #expect(form.isNative(contentType: "application/x-www-form-urlencoded", hasBody: true, isSigned: false))
        #expect(form.isNative(contentType: "", hasBody: false, isSigned: true))
        // Without a content type a body is JSON.
        #expect(!form.isNative(contentType: "", hasBody: true, isSigned: true))
        #expect(!form.isNative(contentType: "application/json", hasBody: true, isSigned: true))
        #expect(
            !(try Self.gate("decode: sobre")).isNative(contentType: "application/json", hasBody: true, isSigned: true))
    }
}
