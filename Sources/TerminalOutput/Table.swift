/// A table that fits the width: columns shrink where they may, and what does not fit ends in `…`.
public struct Table: Sendable {
    public struct Column: Sendable {
        public var title: String
        /// Numbers stand to the right.
        public var alignsRight = false
        /// The least width it may shrink to; nil: it never shrinks.
        public var shrinksTo: Int?
        /// Whether a text that does not fit goes on in further lines instead of being cut. For the last column only.
        public var wraps: Bool

        public init(_ title: String, alignsRight: Bool = false, shrinksTo: Int? = nil, wraps: Bool = false) {
            self.title = title
            self.alignsRight = alignsRight
            self.shrinksTo = shrinksTo
            self.wraps = wraps
        }
    }

    public struct Cell: Sendable {
        public var text: String
        public var style: Style?

        public init(_ text: String, _ style: Style? = nil) {
            self.text = Console.harmless(text)
            self.style = style
        }
    }

    public let columns: [Column]
    public private(set) var rows: [[Cell]] = []

    public init(_ columns: [Column]) { self.columns = columns }

    public mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// The lines of the table, the titles first.
    public func lines(for terminal: Terminal) -> [String] {
        let widths = fitted(to: terminal.width)
        let titles = columns.map { Cell($0.title.uppercased(), .quiet) }
        return ([titles] + rows).flatMap { lines($0, widths, terminal) }
    }

    /// The lines of one row, with the widths that were worked out before: for tables that grow.
    ///
    /// - Parameters:
    ///   - cells: one for each column.
    ///   - widths: see ``fitted(to:)``.
    ///   - terminal: where nothing is cut if its width is unlimited.
    /// - Returns: one line, or several where the last column wraps.
    public func lines(_ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> [String] {
        guard let last = cells.last, columns[cells.count - 1].wraps, !terminal.isUnlimited else {
            return [line(cells, widths, terminal)]
        }
        let pieces = TextWidth.wrap(last.text, to: widths[cells.count - 1], breakingWords: true)
        let indent = widths.dropLast().reduce(0) { $0 + $1 + 2 }
        return pieces.enumerated().map { index, piece in
            let cell = Cell(piece, last.style)
            if index == 0 { return line(cells.dropLast() + [cell], widths, terminal) }
            return String(repeating: " ", count: indent) + (cell.style?.paint(piece, on: terminal) ?? piece)
        }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ terminal: Terminal) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() {
            let isLast = index == cells.count - 1
            let shown = terminal.isUnlimited ? cell.text : TextWidth.cut(cell.text, to: widths[index])
            let painted = cell.style?.paint(shown, on: terminal) ?? shown
            // The last column needs no space behind it, however wide it may be.
            let missing = isLast && !columns[index].alignsRight ? 0 : max(0, widths[index] - TextWidth.of(shown))
            let space = String(repeating: " ", count: missing)
            text += columns[index].alignsRight ? space + painted : painted + space
            if !isLast { text += "  " }
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// The width below which a column that wraps shrinks only when nothing else does: that of a reason such as
    /// `frequency_capped:`.
    private static let readableWidth = 17

    /// The width of each column: as wide as its widest cell, shrunk from the widest one on until all fit.
    public func fitted(to width: Int) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(TextWidth.of(columns[index].title)) { max($0, TextWidth.of($1[index].text)) }
        }
        var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
        // A column that wraps loses nothing, but it is hard to read when it is narrow: others are cut first.
        for floor in [Self.readableWidth, 1] {
            while excess > 0 {
                let shrinkable = columns.indices.filter { index in
                    let least = columns[index].wraps ? floor : 1
                    return columns[index].shrinksTo.map { widths[index] > max($0, least) } ?? false
                }
                guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
                widths[widest] -= 1
                excess -= 1
            }
        }
        return widths
    }
}
