/// A table that fits the width: columns shrink where they may, and what does not fit ends in `…`.
struct Table {
    struct Column {
        var title: String
        /// Numbers stand to the right.
        var alignsRight = false
        /// The least width it may shrink to; nil: it never shrinks.
        var shrinksTo: Int?

        init(_ title: String, alignsRight: Bool = false, shrinksTo: Int? = nil) {
            self.title = title
            self.alignsRight = alignsRight
            self.shrinksTo = shrinksTo
        }
    }

    struct Cell {
        var text: String
        var style: Style?

        init(_ text: String, _ style: Style? = nil) {
            self.text = Console.harmless(text)
            self.style = style
        }
    }

    let columns: [Column]
    private(set) var rows: [[Cell]] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// The lines of the table, the titles first.
    func lines(for terminal: Terminal) -> [String] {
        let widths = fitted(to: terminal.width)
        let titles = columns.map { Cell($0.title.uppercased(), .quiet) }
        return ([titles] + rows).map { line($0, widths, terminal) }
    }

    /// One row, with the widths that were worked out before: for tables that grow.
    func line(_ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() {
            let isLast = index == cells.count - 1
            let cut = TextWidth.cut(cell.text, to: widths[index])
            let space = String(repeating: " ", count: max(0, widths[index] - TextWidth.of(cut)))
            let painted = cell.style?.paint(cut, on: terminal) ?? cut
            text += columns[index].alignsRight ? space + painted : painted + (isLast ? "" : space)
            if !isLast { text += "  " }
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// The width of each column: as wide as its widest cell, shrunk from the widest one on until all fit.
    func fitted(to width: Int) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(TextWidth.of(columns[index].title)) { max($0, TextWidth.of($1[index].text)) }
        }
        var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
        while excess > 0 {
            let shrinkable = columns.indices.filter { index in
                columns[index].shrinksTo.map { widths[index] > max($0, 1) } ?? false
            }
            guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}

/// How wide a text stands in a terminal.
enum TextWidth {
    static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    /// The text, or its beginning with `…`, within a width.
    static func cut(_ text: String, to width: Int) -> String {
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
    static func wrap(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, of(line) + 1 + of(String(word)) > width {
                    lines.append(line)
                    line = ""
                }
                line += line.isEmpty ? word : " " + word
            }
            lines.append(line)
        }
        return lines
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
