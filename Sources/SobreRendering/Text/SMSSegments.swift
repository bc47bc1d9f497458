internal import Text

/// The number of segments in which an SMS is sent and billed (3GPP TS 23.038 and 23.040).
///
/// A text in the GSM 7-bit alphabet has 160 units in one segment, or 153 in each of several; `^{}\[~]|€` take two
/// units. Any other character makes the whole text UCS-2: 70 units, or 67 in each of several, and characters beyond
/// the basic plane take two. A pair is never split between two segments.
public struct SMSSegments: Hashable, Sendable {
    /// The alphabet that the text needs.
    public enum Encoding: String, Hashable, Sendable {
        case gsm7 = "GSM-7"
        case ucs2 = "UCS-2"
    }

    public var encoding: Encoding
    /// Units of the encoding: septets or UTF-16 units.
    public var units: Int
    public var segments: Int
    /// The first character that forces UCS-2, with its column counted from 1.
    public var culprit: (character: Unicode.Scalar, column: Int)? {
        culpritColumn > 0 ? (Unicode.Scalar(culpritValue)!, culpritColumn) : nil
    }

    /// The culprit as it can be shown: in quotes, or by its number and name when it cannot be seen.
    public var culpritName: String? {
        guard let scalar = culprit?.character else { return nil }
        switch scalar.properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .nonspacingMark, .enclosingMark,
            .surrogate, .privateUse, .unassigned:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            let number = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            return "the invisible character \(number)" + (scalar.properties.name.map { " (\($0))" } ?? "")
        default: return "“\(scalar)”"
        }
    }

    private var culpritValue: UInt32 = 0
    private var culpritColumn = 0

    /// The capacity in units of the segments used so far: `118/160`, `171/306`.
    public var capacity: Int {
        switch encoding {
        case .gsm7: segments <= 1 ? 160 : segments * 153
        case .ucs2: segments <= 1 ? 70 : segments * 67
        }
    }

    /// Counts a text.
    public init(_ text: String) {
        var septets = 0
        var wide = 0
        var column = 0
        for scalar in text.unicodeScalars {
            column += 1
            wide += scalar.value > 0xFFFF ? 2 : 1
            if let cost = GSMAlphabet.units(of: scalar) {
                septets += cost
            } else if culpritColumn == 0 {
                culpritColumn = column
                culpritValue = scalar.value
            }
        }
        encoding = culpritColumn == 0 ? .gsm7 : .ucs2
        units = encoding == .gsm7 ? septets : wide
        let (single, part) = encoding == .gsm7 ? (160, 153) : (70, 67)
        segments = units <= single ? 1 : Self.parts(text, encoding, part)
    }

    /// The text with plain spaces for those that no line may be broken at. Number formats contain them, and they
    /// would make the whole text UCS-2, though nobody sees the difference on a phone.
    static func withPlainSpaces(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHardSpace) else { return text }
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { plain.append(isHardSpace(scalar) ? " " : scalar) }
        return String(plain)
    }

    /// No-break space, figure space, thin space and narrow no-break space.
    private static func isHardSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xA0, 0x2007, 0x2009, 0x202F: true
        default: false
        }
    }

    /// Fills segments of `size` units without splitting a pair.
    private static func parts(_ text: String, _ encoding: Encoding, _ size: Int) -> Int {
        var parts = 1
        var used = 0
        for scalar in text.unicodeScalars {
            let cost = encoding == .gsm7 ? (GSMAlphabet.units(of: scalar) ?? 1) : (scalar.value > 0xFFFF ? 2 : 1)
            if used + cost > size {
                parts += 1
                used = 0
            }
            used += cost
        }
        return parts
    }
}
