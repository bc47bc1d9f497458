/// A position in a store's delivery log, as opaque text.
///
/// The store that made a cursor can continue from it, also after the store was closed and reopened. The text reveals
/// neither an order nor a count. It needs no escaping in a URL, a header or a line of server-sent events.
public struct LogCursor: Hashable, Sendable, Codable, LosslessStringConvertible {
    /// The maximum length in bytes.
    public static let maxLength = 256

    public let description: String

    /// Parses a cursor. Returns nil for text that no store produces: empty, longer than ``maxLength``, or with
    /// characters other than the unreserved characters of a URL (RFC 3986 §2.3).
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
