/// The place of a message in its sender's distributed trace: the `traceparent` of W3C Trace Context.
///
/// Sobre makes no spans of its own. It keeps what the sender gave and passes it on as it is, so that a provider's span
/// becomes a child of the sender's. Source: https://www.w3.org/TR/trace-context/, §3.2.
public struct TraceParent: Hashable, Sendable, CustomStringConvertible {
    /// The value in version 00, 55 characters.
    public let text: String

    /// What a valid value looks like, for errors.
    public static let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    /// Reads a value. A later version than 00 is read as far as version 00 goes, and becomes one of version 00; flags
    /// that are not defined become 0. Nil unless the value is valid: digits in lower case, neither id all zeros, and no
    /// version `ff`.
    ///
    /// - Parameter text: the value of a header or field.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= Self.length, [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
            [0..<2, 3..<35, 36..<52, 53..<55].allSatisfy({ bytes[$0].allSatisfy(Self.isDigit) })
        else { return nil }
        switch (bytes[0], bytes[1]) {
        case (UInt8(ascii: "f"), UInt8(ascii: "f")): return nil
        case (UInt8(ascii: "0"), UInt8(ascii: "0")): guard bytes.count == Self.length else { return nil }
        default: guard bytes.count == Self.length || bytes[Self.length] == UInt8(ascii: "-") else { return nil }
        }
        let zero = UInt8(ascii: "0")
        guard bytes[3..<35].contains(where: { $0 != zero }), bytes[36..<52].contains(where: { $0 != zero }) else {
            return nil
        }
        // Of the flags only sampled (1) and random (2) are defined.
        let flags = (bytes[54] <= UInt8(ascii: "9") ? bytes[54] - zero : bytes[54] - UInt8(ascii: "a") + 10) & 3
        self.text = "00" + String(decoding: bytes[2..<53], as: UTF8.self) + "0\(flags)"
    }

    /// The id of the whole trace, 32 digits.
    public var traceID: Substring { text.dropFirst(3).prefix(32) }

    /// Whether the sender records this trace.
    public var isSampled: Bool { text.utf8.last.map { $0 & 1 == 1 } ?? false }

    public var description: String { text }

    private static let length = 55

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
