public import JSON
public import SobreModel
public import SobreSettings

/// Reads receipts in Sobre's own format, from any provider.
///
/// ```json
/// {"reference": "01jd3v8k6m1r0", "kind": "delivered", "at": "2026-03-01T09:00:04Z",
///  "event_id": "evt_81", "provider_id": "SM0123", "detail": "250 2.0.0 Ok"}
/// ```
/// `kind` is required, and one of `reference` (the delivery id in every request to the provider) and `provider_id`.
public struct ReceiptReader: Sendable {
    /// The limits.
    public let limits: IntakeLimits

    public init(limits: IntakeLimits = IntakeLimits()) { self.limits = limits }

    static let keys = ["reference", "provider_id", "event_id", "kind", "at", "detail"]
    static let maxTextBytes = 256

    /// Reads one receipt.
    ///
    /// - Parameters:
    ///   - ref: the receipt.
    ///   - provider: the provider in the request's path.
    ///   - isSigned: whether the provider's signature was verified.
    ///   - now: the time for a receipt without `at`.
    /// - Returns: the validated receipt.
    /// - Throws: ``IntakeProblem`` with the name of the field.
    public func read(
        _ ref: JSONRef, provider: String, isSigned: Bool, now: Instant
    ) throws(IntakeProblem) -> Receipt {
        let fields = FieldReader(limits: limits)
        var kind: Receipt.Kind?
        var receipt = Receipt(provider: provider, kind: .sent, at: now, isSigned: isSigned)
        for (key, value) in try fields.object(ref, "a receipt") {
            switch key.string {
            case "reference":
                guard let text = try fields.optionalText(value, atMost: Self.maxTextBytes) else { continue }
                guard let delivery = DeliveryID(text) else {
                    throw IntakeProblem(
                        .invalidValue, field: value.path, message: "\(quoted(text)) is not a valid reference.",
                        expected: "the 13-character id that the request carried")
                }
                receipt.delivery = delivery
            case "provider_id": receipt.providerID = try fields.optionalText(value, atMost: Self.maxTextBytes)
            case "event_id": receipt.eventID = try fields.optionalText(value, atMost: Self.maxTextBytes)
            case "kind":
                kind = try fields.choice(value, Receipt.Kind.allCases.map(\.description)) { Receipt.Kind(name: $0) }
            case "at": receipt.at = try fields.optionalInstant(value) ?? now
            case "detail": receipt.detail = value.isNull ? "" : Self.detail(value.string ?? "")
            default: throw fields.unknownKey(key, known: Self.keys)
            }
        }
        guard let kind else {
            throw fields.missing(
                "kind", in: ref, "one of \(Receipt.Kind.allCases.map(\.description).joined(separator: ", "))")
        }
        guard receipt.delivery != nil || receipt.providerID != nil else {
            throw fields.missing("reference", in: ref, "\"reference\", or \"provider_id\"")
        }
        receipt.kind = kind
        return receipt
    }

    /// A provider's text on one line, at most `Receipt.maxDetailBytes` long, without control characters. Words that may
    /// be an address, a number or a token become `…`, because the log shows the text.
    static func detail(_ text: String) -> String {
        var line = ""
        for word in text.unicodeScalars.split(whereSeparator: { NameRule.isControl($0) || $0 == " " }) {
            let shown = isPrivate(word) ? "…" : String(word)
            if line.utf8.count + shown.utf8.count + 1 > Receipt.maxDetailBytes { break }
            line += line.isEmpty ? shown : " " + shown
        }
        return line
    }

    private static func isPrivate(_ word: Substring.UnicodeScalarView) -> Bool {
        if word.count > 60 || word.contains("@") { return true }
        var digits = 0
        for scalar in word {
            if ("0"..."9").contains(scalar) { digits += 1 } else if scalar != "-" { digits = 0 }
            if digits >= 7 { return true }
        }
        return false
    }
}
