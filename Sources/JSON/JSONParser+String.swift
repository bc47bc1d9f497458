import Text

extension JSONParser {
    /// Reads the string whose opening quote is at `position`: finds its end and validates everything before it.
    mutating func readString() throws(JSONError) {
        let opening = position
        var flags: JSONNode.Flags = []
        position += 1
        while true {
            skipPlainText()
            guard position < end else { throw unexpectedEnd("the string's closing quote") }
            let byte = buffer[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                break
            } else if byte == UInt8(ascii: "\\") {
                flags.insert(.escaped)
                try checkEscape()
            } else if byte < 0x20 {
                let code = String(byte, radix: 16, uppercase: true)
                throw error(
                    .controlCharacter,
                    "a string contains a control character (U+\(String(repeating: "0", count: 4 - code.count))\(code)); "
                        + "write it as an escape such as \\n")
            } else {
                flags.insert(.nonASCII)
                try checkUTF8()
            }
        }
        try append(
            JSONNode(.string, flags: flags, offset: opening, length: position - opening, next: nodes.count + 1))
    }

    /// Advances to the next special byte: a quote, a backslash, a control character or a non-ASCII byte.
    @inline(__always)
    private mutating func skipPlainText() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while position + 8 <= end {
            // The condition above keeps this in bounds; the load needs no alignment.
            let word = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped + position)
                .loadUnaligned(as: UInt64.self).littleEndian
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // In each term, a byte's high bit is set if the byte is below 0x20, a quote or a backslash. A borrow can
            // only set bits above a true one, so the lowest set bit is always right.
            let below = (word &- ones &* 0x20) & ~word
            let special = below | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | word
            let hits = special & highs
            if hits != 0 {
                position += hits.trailingZeroBitCount / 8
                return
            }
            position += 8
        }
        while position < end {
            let byte = buffer[position]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { return }
            position += 1
        }
    }

    private mutating func checkEscape() throws(JSONError) {
        guard position + 1 < end else { throw unexpectedEnd("the rest of the escape") }
        switch buffer[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            let unit = try hexUnit(at: position + 2)
            switch unit {
            case 0xD800...0xDBFF:
                guard position + 7 < end, buffer[position + 6] == UInt8(ascii: "\\"),
                    buffer[position + 7] == UInt8(ascii: "u"),
                    case 0xDC00...0xDFFF = try hexUnit(at: position + 8)
                else { throw loneSurrogate() }
                position += 12
            case 0xDC00...0xDFFF: throw loneSurrogate()
            default: position += 6
            }
        default:
            throw error(
                .invalidEscape,
                "unknown escape; a backslash must be followed by one of \" \\ / b f n r t, or u and four hex digits")
        }
    }

    private func hexUnit(at offset: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for index in offset..<offset + 4 {
            guard index < end else { throw unexpectedEnd("four hex digits after \\u") }
            guard let digit = buffer[index].hexadecimalValue else {
                throw error(.invalidEscape, "\\u must be followed by four hex digits")
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    private func loneSurrogate() -> JSONError {
        error(
            .loneSurrogate,
            "unpaired surrogate; a character above U+FFFF needs both halves, such as \\uD83D\\uDE00")
    }

    /// Validates one multi-byte sequence by the table of RFC 3629 §4 and advances past it.
    private mutating func checkUTF8() throws(JSONError) {
        let length = utf8SequenceLength(buffer, at: position, end: end)
        guard length > 0 else {
            throw error(
                .invalidUTF8, "the bytes here are not valid UTF-8; send the text in UTF-8 (not Latin-1 or UTF-16)")
        }
        position += length
    }
}

/// The length of the well-formed sequence of two to four bytes at `offset` (RFC 3629 §4), or 0 if there is none.
@inline(__always)
func utf8SequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int, end: Int) -> Int {
    let lead = bytes[offset]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0:
        length = 3
        second = 0xA0...0xBF
    case 0xED:
        length = 3
        second = 0x80...0x9F
    case 0xE1...0xEF: length = 3
    case 0xF0:
        length = 4
        second = 0x90...0xBF
    case 0xF4:
        length = 4
        second = 0x80...0x8F
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard offset + length <= end, second.contains(bytes[offset + 1]) else { return 0 }
    for index in 2..<max(length, 2) where bytes[offset + index] & 0xC0 != 0x80 { return 0 }
    return length
}
