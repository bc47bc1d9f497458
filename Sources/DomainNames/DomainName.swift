internal import CIDN2
internal import Text

/// Domain names with non-ASCII letters, in the form that mail servers and DNS know: IDNA2008 (RFC 5890) with the mapping of
/// UTS #46, non-transitional, by libidn2, as libcurl does it.
///
/// A label with letters outside ASCII is put into lower case, mapped, checked and written as `xn--…`. Labels in ASCII stay as
/// they are. So `BÜCHER`, `bu` + U+0308 + `cher` and `bücher` are one name, `ß` and `ss` are two, and full-width letters are
/// those of ASCII. The checks are libidn2's: disallowed characters, joiners and middle dots out of their context (RFC 5892),
/// the order of right-to-left labels (RFC 5893). Invisible characters, which UTS #46 would drop, are refused.
public enum DomainName {
    /// The longest name and label, in bytes (RFC 1035 §2.3.4).
    public static let maxBytes = 253
    public static let maxLabelBytes = 63

    /// The name in ASCII; nil when a label is not one: empty, too long, with an outer hyphen, or with characters that a
    /// domain name may not hold. Only the dot of ASCII separates labels.
    public static func ascii(_ name: some StringProtocol) -> String? {
        var labels: [String] = []
        for label in name.split(separator: ".", omittingEmptySubsequences: false) {
            guard let plain = asciiLabel(String(label)) else { return nil }
            labels.append(plain)
        }
        let joined = labels.joined(separator: ".")
        return joined.utf8.count <= maxBytes ? joined : nil
    }

    private static func asciiLabel(_ label: String) -> String? {
        // Before libidn2 sees it: it lets other ASCII characters pass, and a NUL would end its input.
        guard label.utf8.allSatisfy({ $0 >= 0x80 || isLetterDigitHyphen($0) }),
            !label.unicodeScalars.contains(where: isInvisible)
        else { return nil }
        let plain = label.isASCII ? label : encode(label.lowercased())
        guard let plain, (1...maxLabelBytes).contains(plain.utf8.count), !plain.hasPrefix("-"), !plain.hasSuffix("-"),
            plain.utf8.allSatisfy(isLetterDigitHyphen)
        else { return nil }
        return plain
    }

    /// The mapping would drop these, and two spellings that look the same would both be taken. Joiners have rules of their own.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{200c}" && scalar != "\u{200d}"
    }

    private static func isLetterDigitHyphen(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || byte == UInt8(ascii: "-")
    }

    private static func encode(_ label: String) -> String? {
        let flags = Int32(IDN2_NONTRANSITIONAL.rawValue)
        guard let ascii = convert(label, { idn2_to_ascii_8z($0, $1, flags) }) else { return nil }
        // A character may be mapped to one of ASCII that no name may hold, such as the full-width solidus: seen in the label
        // that the encoded one stands for.
        guard let decoded = convert(ascii, { idn2_to_unicode_8z8z($0, $1, flags) }),
            decoded.utf8.allSatisfy({ $0 >= 0x80 || isLetterDigitHyphen($0) })
        else { return nil }
        return ascii
    }

    /// Calls a conversion of libidn2, which allocates its result: copied here and freed.
    private static func convert(
        _ text: String,
        _ call: (UnsafePointer<CChar>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> String? {
        var output: UnsafeMutablePointer<CChar>?
        let code = text.withCString { call($0, &output) }
        defer { idn2_free(output) }
        guard code == IDN2_OK.rawValue, let output else { return nil }
        return String(validatingCString: output)
    }
}
