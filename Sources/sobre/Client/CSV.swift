import JSON

/// Comma-separated values (RFC 4180), one record a line, as spreadsheets read and write them.
///
/// A cell that begins with `=`, `+`, `-`, `@` or a tab would be run as a formula when somebody opens the file; it is
/// written with an apostrophe before it, and read without.
enum CSV {
    private static let dangerous: Set<UInt8> = [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D]

    /// One record with its line break.
    static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    private static func cell(_ text: String) -> String {
        var text = text
        if isDangerous(text.utf8) { text = "'" + text }
        guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D, 0x09, 0x27].contains($0) }) else { return text }
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(parts.joined(separator: "\"\""))\""
    }

    /// Whether a cell begins like a formula, behind any apostrophes that were put before it.
    private static func isDangerous(_ cell: some Sequence<UInt8>) -> Bool {
        cell.first { $0 != 0x27 }.map(dangerous.contains) ?? false
    }

    /// The cells of one record; nil when a quote is not closed or the text is not UTF-8.
    static func cells(_ line: ArraySlice<UInt8>) -> [String]? {
        var cells: [String] = []
        var cell: [UInt8] = []
        var rest = line
        while let last = rest.last, last == 0x0A || last == 0x0D { rest.removeLast() }
        var isQuoted = false
        func end() -> Bool {
            // Written so by us, so that no spreadsheet runs it.
            if cell.first == 0x27, isDangerous(cell) { cell.removeFirst() }
            guard let text = String(validating: cell, as: UTF8.self) else { return false }
            cells.append(text)
            cell = []
            return true
        }
        while let byte = rest.popFirst() {
            switch byte {
            case 0x22 where isQuoted && rest.first == 0x22:
                cell.append(byte)
                rest.removeFirst()
            case 0x22 where isQuoted: isQuoted = false
            case 0x22 where cell.isEmpty: isQuoted = true
            case 0x2C where !isQuoted: if !end() { return nil }
            default: cell.append(byte)
            }
        }
        guard !isQuoted, end() else { return nil }
        return cells
    }
}

/// Turns the lines of a CSV file with a head into the JSON objects that an NDJSON file would hold, line by line.
struct CSVLines {
    private var head: [String]?

    /// The same lines as NDJSON, with their numbers; the head becomes a blank line, and what cannot be read a broken one.
    mutating func objects(of lines: NDJSONLines) -> NDJSONLines {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.bytes.count * 2)
        var next = lines.firstLine
        for line in lines {
            while next < line.number {
                bytes.append(0x0A)
                next += 1
            }
            bytes += object(CSV.cells(lines.bytes[line.range]))
            bytes.append(0x0A)
            next += 1
        }
        return NDJSONLines(bytes, firstLine: lines.firstLine, maxLineBytes: lines.maxLineBytes)
    }

    private mutating func object(_ cells: [String]?) -> [UInt8] {
        guard let cells else { return Array("\"not a record of CSV\"".utf8) }
        guard let head else {
            // A byte order mark may stand before the first name.
            self.head = cells.map { $0.hasPrefix("\u{FEFF}") ? String($0.dropFirst()) : $0 }
            return []
        }
        guard cells.count <= head.count else { return Array("\"more cells than the head has\"".utf8) }
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in zip(head, cells) where !value.isEmpty {
                writer.key(name)
                writer.value(value)
            }
        }
        return writer.take()
    }
}
