/// Derives a readable plain text from HTML, for mails whose template has no text part.
///
/// Tags are dropped; `head`, `style`, `script` and `title` with what they hold; blocks, rows and `<br>` become line ends,
/// list items begin with `- `, a link is followed by its target in brackets, an image stands for its `alt` text. Runs of
/// white space become one space, and there is never more than one empty line. One pass, linear in the input.
enum HTMLText {
    /// The text of a document or a fragment.
    static func plainText(of html: String) -> String {
        var reader = HTMLTextReader(html: Array(html.utf8))
        return reader.read()
    }

    /// Puts the preheader, which mail programs show beside the subject, in front of the visible text and hides it there.
    /// It is plain text and is escaped here.
    static func insert(preheader: String, into html: String) -> String {
        var hidden = "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">"
        for character in preheader.unicodeScalars {
            switch character {
            case "&": hidden += "&amp;"
            case "<": hidden += "&lt;"
            case ">": hidden += "&gt;"
            case "\"": hidden += "&quot;"
            default: hidden.unicodeScalars.append(character)
            }
        }
        hidden += "</div>"
        let bytes = Array(html.utf8)
        let place = endOfBodyTag(in: bytes) ?? 0
        return String(decoding: bytes[..<place] + Array(hidden.utf8) + bytes[place...], as: UTF8.self)
    }

    private static func endOfBodyTag(in bytes: [UInt8]) -> Int? {
        let wanted = Array("<body".utf8)
        var index = 0
        while index + wanted.count < bytes.count {
            let isTag = (0..<wanted.count).allSatisfy { bytes[index + $0] | ($0 == 0 ? 0 : 0x20) == wanted[$0] }
            let next = bytes[index + wanted.count]
            if isTag, next == UInt8(ascii: ">") || next <= 0x20 {
                return bytes[index...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 }
            }
            index += 1
        }
        return nil
    }

    /// The character that a named reference stands for: those which templates use.
    static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®", "trade": "™",
        "hellip": "…", "mdash": "—", "ndash": "–", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "bull": "•",
        "euro": "€", "pound": "£", "yen": "¥", "cent": "¢", "middot": "·", "laquo": "«", "raquo": "»", "times": "×",
        "deg": "°", "shy": "", "zwnj": "", "eacute": "é", "egrave": "è", "agrave": "à", "ccedil": "ç", "auml": "ä",
        "ouml": "ö", "uuml": "ü", "szlig": "ß", "ntilde": "ñ", "rarr": "→", "larr": "←",
    ]
}
