/// Escaping text for HTML: safe between tags and inside quoted attributes.
public enum HTMLEscaping {
    /// What stands for a character that has a meaning of its own in HTML; nil for every other byte.
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

    /// Appends text, escaped.
    public static func append(_ text: some StringProtocol, to output: inout [UInt8]) {
        for byte in text.utf8 {
            if let reference = reference(for: byte) {
                // The characters of a static string live as long as the process.
                output.append(
                    contentsOf: UnsafeBufferPointer(start: reference.utf8Start, count: reference.utf8CodeUnitCount))
            } else {
                output.append(byte)
            }
        }
    }

    /// A text, escaped.
    public static func escape(_ text: some StringProtocol) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 16)
        append(text, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
