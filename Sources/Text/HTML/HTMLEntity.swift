/// HTML character references, as far as emails use them.
public enum HTMLEntity {
    private static let named: [String: UInt32] = [
        "amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27, "nbsp": 0x20, "copy": 0xA9, "reg": 0xAE,
        "trade": 0x2122, "hellip": 0x2026, "ndash": 0x2013, "mdash": 0x2014, "lsquo": 0x2018, "rsquo": 0x2019,
        "ldquo": 0x201C, "rdquo": 0x201D, "laquo": 0xAB, "raquo": 0xBB, "bull": 0x2022, "middot": 0xB7, "euro": 0x20AC,
        "pound": 0xA3, "yen": 0xA5, "cent": 0xA2, "deg": 0xB0, "times": 0xD7, "rarr": 0x2192, "larr": 0x2190,
        "eacute": 0xE9, "egrave": 0xE8, "agrave": 0xE0, "ccedil": 0xE7, "uuml": 0xFC, "ouml": 0xF6, "auml": 0xE4,
        "szlig": 0xDF, "ntilde": 0xF1, "zwnj": 0x200C, "zwj": 0x200D, "shy": 0xAD,
        // These can stand in the scheme of an address.
        "colon": 0x3A, "Tab": 0x09, "NewLine": 0x0A, "sol": 0x2F, "num": 0x23, "quest": 0x3F,
    ]

    /// Decodes the reference that starts at an `&`. A number needs no semicolon, as in browsers.
    ///
    /// - Parameters:
    ///   - text: the text that contains it.
    ///   - start: the index of the `&`.
    /// - Returns: its bytes in UTF-8 and the index after it, or the `&` itself if it starts no reference.
    public static func decode(_ text: [UInt8], at start: Int) -> (bytes: [UInt8], end: Int) {
        if start + 1 < text.count, text[start + 1] == UInt8(ascii: "#") { return decodeNumber(text, at: start) }
        let limit = min(text.count, start + 12)
        guard let semicolon = text[start..<limit].firstIndex(of: UInt8(ascii: ";")), semicolon > start + 1,
            let value = named[String(decoding: text[(start + 1)..<semicolon], as: UTF8.self)]
        else { return ([UInt8(ascii: "&")], start + 1) }
        return (bytes(of: value), semicolon + 1)
    }

    private static func decodeNumber(_ text: [UInt8], at start: Int) -> (bytes: [UInt8], end: Int) {
        var at = start + 2
        let isHexadecimal = at < text.count && text[at] | 0x20 == UInt8(ascii: "x")
        if isHexadecimal { at += 1 }
        let digits = at
        var value: UInt32 = 0
        while at < text.count, let digit = digit(text[at], isHexadecimal) {
            // Beyond Unicode it stays there.
            value = min(0x20_0000, value * (isHexadecimal ? 16 : 10) + digit)
            at += 1
        }
        guard at > digits, value != 0, Unicode.Scalar(value) != nil else { return ([UInt8(ascii: "&")], start + 1) }
        if at < text.count, text[at] == UInt8(ascii: ";") { at += 1 }
        return (bytes(of: value), at)
    }

    private static func digit(_ byte: UInt8, _ isHexadecimal: Bool) -> UInt32? {
        if byte &- 0x30 < 10 { return UInt32(byte - 0x30) }
        let letter = byte | 0x20
        return isHexadecimal && letter &- 0x61 < 6 ? UInt32(letter - 0x57) : nil
    }

    private static func bytes(of value: UInt32) -> [UInt8] {
        Unicode.Scalar(value).map { Array(String(Character($0)).utf8) } ?? []
    }

    /// Decodes every reference in a text.
    public static func decode(_ slice: ArraySlice<UInt8>) -> [UInt8] {
        let text = Array(slice)
        guard text.contains(UInt8(ascii: "&")) else { return text }
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            if text[at] == UInt8(ascii: "&") {
                let (bytes, end) = decode(text, at: at)
                out += bytes
                at = end
            } else {
                out.append(text[at])
                at += 1
            }
        }
        return out
    }
}
