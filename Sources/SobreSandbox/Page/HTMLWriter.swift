import Text

/// Builds a page; text enters it only through ``text(_:)``, which escapes.
struct HTMLWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends markup from this program's own source.
    mutating func markup(_ markup: StaticString) {
        // A StaticString with a pointer representation lives as long as the process.
        bytes.append(contentsOf: UnsafeBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount))
    }

    /// Appends untrusted text, escaped for use between tags and in quoted attributes.
    mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { self.text(utf8: $0) }
    }

    /// Appends bytes as text. Invalid UTF-8 becomes U+FFFD.
    mutating func text(_ bytes: [UInt8]) { text(String(decoding: bytes, as: UTF8.self)) }

    /// Appends text as part of a URL's query, with everything but unreserved characters percent-encoded.
    mutating func queryText(_ text: String) {
        PercentEncoding.append(text.utf8, keeping: PercentEncoding.unreserved, to: &bytes)
    }

    private mutating func text(utf8: UnsafeBufferPointer<UInt8>) {
        for byte in utf8 {
            if let reference = HTMLEscaping.reference(for: byte) {
                markup(reference)
            } else if byte < 0x20 && !byte.isASCIISpace || byte == 0x0B || byte == 0x0C || byte == 0x7F {
                markup("\u{FFFD}")
            } else {
                bytes.append(byte)
            }
        }
    }
}
