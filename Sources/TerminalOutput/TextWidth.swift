/// How wide a text stands in a terminal.
public enum TextWidth {
    public static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    /// The text, or its beginning with `…`, within a width.
    public static func cut(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        var room = max(0, width - 1)
        var kept = ""
        for character in text {
            let needed = of(character)
            guard needed <= room else { break }
            kept.append(character)
            room -= needed
        }
        return width > 0 ? kept + "…" : ""
    }

    /// Breaks a text between words into lines of at most `width`.
    ///
    /// - Parameters:
    ///   - text: its line breaks stay.
    ///   - width: the most columns of a line.
    ///   - breakingWords: whether a word that is longer than a line is broken, too; else it is one line of its own.
    /// - Returns: the lines; an empty text is one empty line.
    public static func wrap(_ text: String, to width: Int, breakingWords: Bool = false) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, of(line) + 1 + of(String(word)) > width {
                    lines.append(line)
                    line = ""
                }
                line += line.isEmpty ? word : " " + word
                while breakingWords, of(line) > width, line.count > 1 {
                    let head = head(of: line, within: max(1, width))
                    lines.append(head)
                    line.removeFirst(head.count)
                }
            }
            lines.append(line)
        }
        return lines
    }

    /// As many characters as fit, at least one.
    private static func head(of text: String, within width: Int) -> String {
        var room = width
        let count = text.prefix { character in
            room -= of(character)
            return room >= 0
        }.count
        return String(text.prefix(max(1, count)))
    }

    private static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.value {
        // East Asian wide forms and emoji take two places (Unicode Standard Annex 11, in outline).
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return first.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }
}
