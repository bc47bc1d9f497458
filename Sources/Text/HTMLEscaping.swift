/// HTML escaping that is safe between tags and inside quoted attributes.
public enum HTMLEscaping {
    /// The character reference for a byte with a special meaning in HTML; nil for any other byte.
    @inlinable
    public static func reference(for byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }

    /// Appends a text in escaped form.
    public static func append(_ text: some StringProtocol, to output: inout [UInt8]) {
        for byte in text.utf8 {
            if let reference = reference(for: byte) {
                // The bytes of a static string are valid for the lifetime of the process.
                output.append(
                    contentsOf: UnsafeBufferPointer(start: reference.utf8Start, count: reference.utf8CodeUnitCount))
            } else {
                output.append(byte)
            }
        }
    }

    /// A text in escaped form.
    public static func escape(_ text: some StringProtocol) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 16)
        append(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
