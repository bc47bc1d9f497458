/// Percent-encoding: a byte as `%` and two hexadecimal digits (RFC 3986 §2.1).
public enum PercentEncoding {
    /// Letters, digits and `-._~`: the characters that never need an escape in a URL (RFC 3986 §2.3).
    public static let unreserved = ASCIISet.alphanumerics.union(ASCIISet("-._~"))

    /// The characters allowed in one segment of a URL's path: `pchar` of RFC 3986 §3.3. Excludes the slash.
    public static let pathSegment = unreserved.union(ASCIISet("!$&'()*+,;=:@"))

    /// The characters kept unescaped in `application/x-www-form-urlencoded` (WHATWG URL §5.2), where a space becomes
    /// `+`.
    public static let form = ASCIISet.alphanumerics.union(ASCIISet("-._*"))

    /// Appends bytes and escapes all that are not in `kept`, with upper-case digits.
    ///
    /// With `spaceAsPlus` a space becomes `+`, as in forms.
    @inlinable
    public static func append(
        _ bytes: some Sequence<UInt8>, keeping kept: ASCIISet, spaceAsPlus: Bool = false, to output: inout [UInt8]
    ) {
        for byte in bytes {
            if kept.contains(byte) {
                output.append(byte)
            } else if spaceAsPlus, byte == 0x20 {
                output.append(0x2B)
            } else {
                output.append(0x25)
                output.append((byte >> 4).hexadecimalDigit)
                output.append((byte & 15).hexadecimalDigit)
            }
        }
    }

    /// A text in which every byte that is not in `kept` is escaped.
    public static func encode(_ text: some StringProtocol, keeping kept: ASCIISet = unreserved) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count + 8)
        append(text.utf8, keeping: kept, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// How to handle a `%` that is not followed by two hexadecimal digits.
    public enum BrokenEscape: Sendable {
        /// Decoding fails.
        case refuse
        /// The `%` is kept as it is.
        case keep
    }

    /// Decodes the escapes of a text. Nil when an escape is invalid and `broken` is `refuse`.
    ///
    /// With `plusAsSpace` a `+` becomes a space, as in forms.
    public static func decode(
        _ text: some Collection<UInt8>, broken: BrokenEscape = .refuse, plusAsSpace: Bool = false
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == 0x25 {
                let digits = rest.prefix(2)
                if digits.count == 2, let high = digits.first?.hexadecimalValue,
                    let low = digits.dropFirst().first?.hexadecimalValue
                {
                    bytes.append(high << 4 | low)
                    rest = rest.dropFirst(2)
                    continue
                }
                if broken == .refuse { return nil }
            }
            bytes.append(plusAsSpace && byte == 0x2B ? 0x20 : byte)
        }
        return bytes
    }

    /// Decodes the escapes of a text. Nil when an escape is invalid or the result is not UTF-8.
    public static func decode(_ text: String, plusAsSpace: Bool = false) -> String? {
        decode(text.utf8, plusAsSpace: plusAsSpace).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
