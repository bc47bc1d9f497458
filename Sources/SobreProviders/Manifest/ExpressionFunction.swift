internal import JSON
internal import Signing
internal import SobreModel
internal import Text

/// The functions after the `|` of an expression. They are pure and total, each from one type to another.
enum ExpressionFunction: Sendable {
    /// `Name <address>`, with the name encoded or quoted according to RFC 5322.
    case mailbox
    /// Encoded words if the text is not plain ASCII.
    case rfc2047
    /// A number without its leading plus sign.
    case noplus
    case lower
    /// Joins texts with a separator.
    case join(String)
    case first
    /// Applies a function to every element.
    indirect case map(ExpressionFunction)
    /// A text as a JSON string.
    case json
    /// A text that is already JSON, validated.
    case parseJSON
    case base64
    case unbase64
    /// Bytes that are text.
    case utf8
    /// A word if the text has characters outside the alphabet of GSM (3GPP TS 23.038), else no value.
    case unlessGSM(Template)
    /// The text, unless it is a number.
    case unlessNumber
    case sha1Hex
    case sha256Hex
    case sha256Base64
    /// A UUID that is the same for the same text (RFC 9562 §5.5).
    case uuid
    case hmacSHA256Hex(Template)
    case hmacSHA256Base64(Template)
    case hmacSHA1Base64(Template)
    /// Formats an RFC 3339 instant as an HTTP date.
    case httpDate
    /// A number of seconds followed by `s`.
    case secondsS
    /// A fallback for a missing value.
    case fallback(Template)
    /// At most this many bytes, cut between characters.
    case truncateUTF8(Int)
    /// The word that stands for this one; no value for another.
    case pick([(word: [UInt8], value: [UInt8])])
    /// Another text where there is a value.
    case then(Template)
    /// The value with a text after it.
    case suffix(Template)

    static let names = [
        "mailbox", "rfc2047", "noplus", "lower", "join", "first", "map", "json", "parse_json", "b64", "unb64",
        "utf8", "unless_gsm", "unless_number",
        "sha1_hex", "sha256_hex", "sha256_b64", "uuid", "hmac_sha256_hex", "hmac_sha256_b64", "hmac_sha1_b64",
        "http_date", "seconds_s", "default", "truncate_utf8", "pick", "then", "suffix",
    ]

    /// The type of the result for an argument's type; nil if the function does not accept it.
    func result(of type: ValueType) -> ValueType? {
        switch (self, type) {
        case (.fallback, .text), (.fallback, .mailbox): .text
        case (.mailbox, .mailbox): .text
        case (.first, .mailboxes): .mailbox
        case (.first, .texts): .text
        case (.join, .texts), (.join, .mailboxes): .text
        case (.map(let function), .mailboxes): function.result(of: .mailbox) == .text ? .texts : nil
        case (.map(let function), .texts): function.result(of: .text) == .text ? .texts : nil
        case (.base64, .bytes), (.base64, .text), (.base64, .json): .text
        case (.sha1Hex, .bytes), (.sha256Hex, .bytes), (.sha256Base64, .bytes): .text
        case (.hmacSHA256Hex, .bytes), (.hmacSHA256Base64, .bytes), (.hmacSHA1Base64, .bytes): .text
        case (.utf8, .bytes): .text
        case (.unlessGSM, .text): .text
        case (.json, .text): .json
        case (.parseJSON, .text): .json
        case (.unbase64, .text): .bytes
        case (.mailbox, _), (.first, _), (.join, _), (.map, _), (.json, _), (.parseJSON, _), (.unbase64, _),
            (.fallback, _), (.utf8, _), (.unlessGSM, _):
            nil
        case (_, .text), (_, .mailbox): .text
        default: nil
        }
    }

    /// Applies a function of text or bytes. Returns nil for no value.
    func apply(to value: [UInt8], evaluator: RequestEvaluator) -> [UInt8]? {
        switch self {
        case .mailbox, .first, .join, .map, .fallback: value
        case .utf8: String(validating: value, as: UTF8.self) == nil ? nil : value
        case .unlessGSM(let word):
            GSMAlphabet.contains(String(decoding: value, as: UTF8.self)) ? nil : evaluator.bytes(of: word)
        case .rfc2047: Self.encodedWords(value)
        case .noplus: value.first == UInt8(ascii: "+") ? Array(value.dropFirst()) : value
        case .lower: Array(String(decoding: value, as: UTF8.self).lowercased().utf8)
        case .json: Self.jsonString(value)
        case .parseJSON: (try? JSONDocument.parse(value)) == nil ? nil : value
        case .base64: Array(Base64.encode(value).utf8)
        case .unbase64: try? Base64.decode(String(decoding: value, as: UTF8.self))
        case .unlessNumber: value.allSatisfy(\.isASCIIDigit) ? nil : value
        case .sha1Hex: Array(Hex.encode(Digest.sha1(value)).utf8)
        case .sha256Hex: Array(Hex.encode(Digest.sha256(value)).utf8)
        case .uuid: Array(NameUUID.text(of: value).utf8)
        case .sha256Base64: Array(Base64.encode(Digest.sha256(value)).utf8)
        case .hmacSHA256Hex(let key):
            evaluator.bytes(of: key).map { Array(Hex.encode(HMAC.sha256(value, key: $0)).utf8) }
        case .hmacSHA256Base64(let key):
            evaluator.bytes(of: key).map { Array(Base64.encode(HMAC.sha256(value, key: $0)).utf8) }
        case .hmacSHA1Base64(let key):
            evaluator.bytes(of: key).map { Array(Base64.encode(HMAC.sha1(value, key: $0)).utf8) }
        case .httpDate:
            Instant(rfc3339: String(decoding: value, as: UTF8.self)).map { Array(MailDate.httpText(of: $0).utf8) }
        case .secondsS: value + [UInt8(ascii: "s")]
        case .truncateUTF8(let limit): Self.truncated(value, to: limit)
        case .pick(let choices): choices.first { $0.word == value }?.value
        case .then(let template): evaluator.bytes(of: template)
        case .suffix(let template): evaluator.bytes(of: template).map { value + $0 }
        }
    }

    private static func encodedWords(_ value: [UInt8]) -> [UInt8] {
        let text = String(decoding: value, as: UTF8.self)
        return MailHeaderWriter.needsEncoding(text) ? MailHeaderWriter.unfoldedWords(text) : value
    }

    private static func jsonString(_ value: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "\"")]
        Escaping.json.append(value, to: &out)
        out.append(UInt8(ascii: "\""))
        return out
    }

    private static func truncated(_ value: [UInt8], to limit: Int) -> [UInt8] {
        guard value.count > limit else { return value }
        var end = limit
        while end > 0, value[end] & 0xc0 == 0x80 { end -= 1 }
        return Array(value[..<end])
    }
}
