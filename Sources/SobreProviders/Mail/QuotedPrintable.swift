import Text

/// The quoted-printable transfer encoding (RFC 2045 §6.7) for text.
enum QuotedPrintable {
    static let maxLine = 76

    /// Appends text so that no relay changes it: line ends of any kind become CRLF, lines have at most 76 characters,
    /// and a line's last space and a leading dot or `From ` are encoded.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + text.utf8.count + text.utf8.count / 8 + 16)
        var text = text
        text.withUTF8 { append($0, to: &bytes) }
    }

    private static func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        var column = 0
        var index = 0
        while index < text.count {
            let run = plainRun(text, from: index, column: column)
            if run > 0 {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[index..<index + run]))
                column += run
                index += run
                continue
            }
            let byte = text[index]
            if byte == 0x0a || byte == 0x0d {
                if byte == 0x0d, index + 1 < text.count, text[index + 1] == 0x0a { index += 1 }
                bytes.append(0x0d)
                bytes.append(0x0a)
                column = 0
                index += 1
                continue
            }
            let isLast = index + 1 == text.count || text[index + 1] == 0x0a || text[index + 1] == 0x0d
            let isBare =
                byte == 0x20 || byte == 0x09 ? !isLast : byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "=")
            let quotes = !isBare || column == 0 && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "F"))
            let width = quotes ? 3 : 1
            // A soft line break takes the last column unless the line ends here anyway.
            if column + width > maxLine - (isLast ? 0 : 1) {
                bytes.append(UInt8(ascii: "="))
                bytes.append(0x0d)
                bytes.append(0x0a)
                column = 0
                continue
            }
            if quotes {
                bytes.append(UInt8(ascii: "="))
                bytes.append((byte >> 4).hexadecimalDigit)
                bytes.append((byte & 15).hexadecimalDigit)
            } else {
                bytes.append(byte)
            }
            column += width
            index += 1
        }
    }

    /// How many bytes from here on stand for themselves, are not the last of their line and leave its last column free.
    private static func plainRun(_ text: UnsafeBufferPointer<UInt8>, from start: Int, column: Int) -> Int {
        if column == 0, text[start] == UInt8(ascii: ".") || text[start] == UInt8(ascii: "F") { return 0 }
        let limit = min(text.count, start + maxLine - 1 - column)
        var end = start
        while end < limit, isPlain(text[end]) { end += 1 }
        let endsLine = end == text.count || text[end] == 0x0a || text[end] == 0x0d
        return max(0, end - start - (endsLine ? 1 : 0))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "=") || byte == 0x09
    }
}
