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
}
