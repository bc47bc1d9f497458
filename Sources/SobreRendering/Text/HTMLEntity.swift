/// HTML character references, as far as emails use them.
enum HTMLEntity {
    private static let named: [String: UInt32] = [
        "amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27, "nbsp": 0x20, "copy": 0xA9, "reg": 0xAE,
        "trade": 0x2122, "hellip": 0x2026, "ndash": 0x2013, "mdash": 0x2014, "lsquo": 0x2018, "rsquo": 0x2019,
        "ldquo": 0x201C, "rdquo": 0x201D, "laquo": 0xAB, "raquo": 0xBB, "bull": 0x2022, "middot": 0xB7, "euro": 0x20AC,
        "pound": 0xA3, "yen": 0xA5, "cent": 0xA2, "deg": 0xB0, "times": 0xD7, "rarr": 0x2192, "larr": 0x2190,
        "eacute": 0xE9, "egrave": 0xE8, "agrave": 0xE0, "ccedil": 0xE7, "uuml": 0xFC, "ouml": 0xF6, "auml": 0xE4,
        "szlig": 0xDF, "ntilde": 0xF1, "zwnj": 0x200C, "zwj": 0x200D, "shy": 0xAD,
    ]

    /// Decodes the reference that starts at an `&`.
    ///
    /// Returns its bytes in UTF-8 and the index after it, or the `&` itself if it starts no reference.
    static func decode(_ text: [UInt8], at start: Int) -> (bytes: [UInt8], end: Int) {
        let limit = min(text.count, start + 12)
        guard let semicolon = text[start..<limit].firstIndex(of: UInt8(ascii: ";")), semicolon > start + 1 else {
            return ([UInt8(ascii: "&")], start + 1)
        }
        let name = String(decoding: text[(start + 1)..<semicolon], as: UTF8.self)
        var value = named[name]
        if name.hasPrefix("#x") || name.hasPrefix("#X") {
            value = UInt32(name.dropFirst(2), radix: 16)
        } else if name.hasPrefix("#") {
            value = UInt32(name.dropFirst())
        }
        guard let value, value != 0, let scalar = Unicode.Scalar(value) else { return ([UInt8(ascii: "&")], start + 1) }
        return (Array(String(Character(scalar)).utf8), semicolon + 1)
    }

    /// Decodes every reference in a text.
    static func decode(_ slice: ArraySlice<UInt8>) -> [UInt8] {
        let text = Array(slice)
        guard text.contains(UInt8(ascii: "&")) else { return text }
        var out: [UInt8] = []
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
