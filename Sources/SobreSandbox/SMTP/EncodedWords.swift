import Text

/// Decodes encoded words in header texts (RFC 2047) in UTF-8, US-ASCII and ISO 8859-1. Other charsets are left
/// unchanged.
enum EncodedWords {
    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "=")), text.contains("=?") else { return text }
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        var followsWord = false
        while let start = rest.firstRange(of: Array("=?".utf8))?.lowerBound {
            let between = rest[..<start]
            // Whitespace between two encoded words belongs to neither (RFC 2047 §6.2).
            if !(followsWord && between.allSatisfy { $0 == 0x20 || $0 == 0x09 }) { result += between }
            if let (word, end) = word(rest[start...]) {
                result += word
                rest = rest[end...]
                followsWord = true
            } else {
                result += rest[start..<(start + 2)]
                rest = rest[(start + 2)...]
                followsWord = false
            }
        }
        return String(decoding: result + rest, as: UTF8.self)
    }

    /// The encoded word at the start as UTF-8, and where it ends.
    private static func word(_ text: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        let question = UInt8(ascii: "?")
        let body = text.dropFirst(2)
        guard let first = body.firstIndex(of: question),
            let second = body[(first + 1)...].firstIndex(of: question),
            let third = body[(second + 1)...].firstIndex(of: question),
            third + 1 < text.endIndex, text[third + 1] == UInt8(ascii: "=")
        else { return nil }
        let charset = String(decoding: body[..<first].prefix { $0 != UInt8(ascii: "*") }, as: UTF8.self)
        let content = text[(second + 1)..<third]
        let bytes: [UInt8]?
        switch text[(first + 1)..<second].map(\.asciiLowercased) {
        case [UInt8(ascii: "b")]: bytes = Base64.decodeAny(content)
        case [UInt8(ascii: "q")]:
            bytes = quotedPrintableDecoded(content.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }[...])
        default: bytes = nil
        }
        guard let bytes else { return nil }
        if charset.equalsIgnoringASCIICase("utf-8") || charset.equalsIgnoringASCIICase("us-ascii") {
            return (bytes, third + 2)
        }
        guard charset.equalsIgnoringASCIICase("iso-8859-1") else { return nil }
        return (bytes.flatMap { Array(String(UnicodeScalar($0)).utf8) }, third + 2)
    }
}

/// Decodes quoted-printable text (RFC 2045 §6.7). Invalid escapes are kept unchanged.
func quotedPrintableDecoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
        guard text[index] == UInt8(ascii: "=") else {
            bytes.append(text[index])
            index += 1
            continue
        }
        let rest = text[(index + 1)...]
        if rest.starts(with: [0x0D, 0x0A]) {
            index += 3
        } else if rest.first == 0x0A {
            index += 2
        } else if rest.count >= 2, let high = rest[index + 1].hexadecimalValue,
            let low = rest[index + 2].hexadecimalValue
        {
            bytes.append(high << 4 | low)
            index += 3
        } else {
            bytes.append(text[index])
            index += 1
        }
    }
    return bytes
}
