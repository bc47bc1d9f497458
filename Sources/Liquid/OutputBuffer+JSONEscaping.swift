let hexadecimalDigits: StaticString = "0123456789ABCDEF"

extension OutputBuffer {
    /// Appends text as the content of a JSON string.
    mutating func appendJSON(_ text: ByteSlice) {
        var from = 0
        for at in 0..<text.count {
            let byte = text[at]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
            append(text.slice(from, at))
            from = at + 1
            append(0x5C)
            switch byte {
            case 0x0A: append(0x6E)
            case 0x0D: append(0x72)
            case 0x09: append(0x74)
            case 0x22, 0x5C: append(byte)
            default:
                append("u00")
                append(hexadecimalDigits.utf8Start[Int(byte >> 4)])
                append(hexadecimalDigits.utf8Start[Int(byte & 15)])
            }
        }
        append(text.slice(from, text.count))
    }
}
