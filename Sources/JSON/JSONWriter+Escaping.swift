import Text

extension JSONWriter.Escaping {
    // These are methods of the setting, not of the writer. A writer's method that also changes the writer's bytes
    // would copy them all on each call.

    /// Appends a string in quotes.
    func appendString(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { appendString(utf8: $0, to: &bytes) }
    }

    /// Appends a string in quotes. Runs of plain bytes are copied at once.
    func appendString(utf8 text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var run = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            let length = escapedLength(text, at: index)
            if length == 0 {
                index += 1
                continue
            }
            bytes.append(contentsOf: text[run..<index])
            appendEscape(byte, text, at: index, to: &bytes)
            index += length
            run = index
        }
        bytes.append(contentsOf: text[run..<text.count])
        bytes.append(UInt8(ascii: "\""))
    }

    /// The number of bytes at `index` that must be escaped together; 0 if the byte needs no escaping.
    @inline(__always)
    private func escapedLength(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let byte = text[index]
        if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F { return 1 }
        guard self == .html else { return 0 }
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): return 1
        case 0xE2:
            // U+2028 and U+2029 are E2 80 A8 and E2 80 A9. Older JavaScript treats them as line ends.
            let isSeparator = index + 2 < text.count && text[index + 1] == 0x80 && text[index + 2] & 0xFE == 0xA8
            return isSeparator ? 3 : 0
        default: return 0
        }
    }

    private func appendEscape(
        _ byte: UInt8, _ text: UnsafeBufferPointer<UInt8>, at index: Int, to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0xE2: bytes.append(contentsOf: (text[index + 2] == 0xA8 ? "u2028" : "u2029").utf8)
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append((byte >> 4).lowercaseHexadecimalDigit)
            bytes.append((byte & 15).lowercaseHexadecimalDigit)
        }
    }
}
