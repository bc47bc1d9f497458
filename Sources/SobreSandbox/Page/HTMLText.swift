/// Builds a page; text enters it only through ``text(_:)``, which escapes.
struct HTMLText {
    private(set) var bytes: [UInt8] = []

    /// Appends markup that this program wrote itself.
    mutating func markup(_ markup: StaticString) {
        // A StaticString with a pointer representation lives as long as the process.
        bytes.append(contentsOf: UnsafeBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount))
    }

    /// Appends text from anywhere, safe both between tags and in quoted attributes.
    mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { self.text(utf8: $0) }
    }

    /// Appends bytes as text; invalid UTF-8 becomes U+FFFD.
    mutating func text(_ bytes: [UInt8]) { text(String(decoding: bytes, as: UTF8.self)) }

    /// Appends text as a part of a URL's query: everything but unreserved characters is percent-encoded.
    mutating func queryText(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(contentsOf: hex(UInt64(byte), digits: 2).utf8)
            }
        }
    }

    private mutating func text(utf8: UnsafeBufferPointer<UInt8>) {
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "&"): markup("&amp;")
            case UInt8(ascii: "<"): markup("&lt;")
            case UInt8(ascii: ">"): markup("&gt;")
            case UInt8(ascii: "\""): markup("&quot;")
            case UInt8(ascii: "'"): markup("&#39;")
            case 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F, 0x7F: markup("\u{FFFD}")
            default: bytes.append(byte)
            }
        }
    }
}
