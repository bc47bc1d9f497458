/// Names of domains with letters of the world, brought into the form that mail servers and DNS know (RFC 5890).
///
/// A label with letters outside ASCII is put into lower case and written as `xn--…`; labels in ASCII stay as they are.
/// Letters, digits and the marks that scripts need are taken; everything else is refused, so that no sign can pose as
/// a dot or a letter. Not judged: the context rules for joiners (which are refused altogether) and the order of
/// right-to-left labels. Accents must be part of their letters (`é`, not `e` with U+0301): nothing is composed here.
public enum DomainName {
    /// The longest name and label, in bytes (RFC 1035 §2.3.4).
    public static let maxBytes = 253
    public static let maxLabelBytes = 63

    /// The name in ASCII; nil when a label holds something else than letters, digits, marks and inner hyphens, is empty
    /// or is too long.
    public static func ascii(_ name: some StringProtocol) -> String? {
        var labels: [String] = []
        for label in name.split(separator: ".", omittingEmptySubsequences: false) {
            guard let plain = asciiLabel(label) else { return nil }
            labels.append(plain)
        }
        let joined = labels.joined(separator: ".")
        return joined.utf8.count <= maxBytes ? joined : nil
    }

    private static func asciiLabel(_ label: some StringProtocol) -> String? {
        var plain = String(label)
        if !plain.utf8.allSatisfy({ $0 < 0x80 }) {
            let lower = plain.lowercased().unicodeScalars
            // A mark cannot begin a label (RFC 5891 §4.2.3.2), and the third and fourth hyphen belong to xn--.
            guard lower.allSatisfy(isAllowed), let first = lower.first, !isMark(first),
                !plain.dropFirst(2).hasPrefix("--"), let encoded = Punycode.encode(lower)
            else { return nil }
            plain = "xn--" + String(decoding: encoded, as: UTF8.self)
        }
        let bytes = plain.utf8
        guard (1...maxLabelBytes).contains(bytes.count), bytes.first != UInt8(ascii: "-"),
            bytes.last != UInt8(ascii: "-"), !label.hasPrefix("-"), !label.hasSuffix("-")
        else { return nil }
        let isName = bytes.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "-")
        }
        return isName ? plain : nil
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar == "-" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) }
        // Combining accents have composed letters; left apart they would make a second spelling of one name.
        if (0x300...0x36f).contains(scalar.value) { return false }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .decimalNumber: return true
        default: return isMark(scalar)
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }
}
