/// A place in a store's delivery log, as text that only the store reads.
///
/// The store that made a cursor can go on from it, also after it was closed and opened again. Nothing else can be told
/// from the text: not an order, not a count. It fits into a URL, a header and a line of server-sent events as it is.
public struct LogCursor: Hashable, Sendable, Codable, LosslessStringConvertible {
    /// The most bytes that a cursor has.
    public static let maxLength = 256

    public let description: String

    /// Takes a cursor as text; nil for a text that no store gives out: it is empty, too long, or has other characters
    /// than the unreserved ones of a URL (RFC 3986 §2.3).
    public init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                true
            default: false
            }
        }
        guard !text.isEmpty, text.utf8.count <= Self.maxLength, isPlain else { return nil }
        description = text
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let cursor = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "This is not a cursor of a log.")
        }
        self = cursor
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
