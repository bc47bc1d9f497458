import Text

/// The first record of a CSV file: the names of its columns.
struct CSVHead {
    /// By column; empty for a column without a name.
    let names: [String]
    /// Why the file cannot be read with these columns; nil when it can.
    let fault: String?

    /// - Parameters:
    ///   - cells: the first record.
    ///   - known: the names that columns can have; empty for any.
    init(_ cells: [String], known: [String]) {
        let names = cells.map { cell in
            let name = Self.trimmed(CSVWriter.unguarded(cell))
            return known.first { $0 == name.lowercased() } ?? name
        }
        self.names = names
        var fault: String?
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where fault == nil && !name.isEmpty {
            if !seen.insert(name).inserted {
                fault = "Two columns are called \"\(name)\". Remove one."
            } else if !known.isEmpty, !known.contains(name) {
                let meant =
                    Suggestion.closest(to: name.lowercased(), among: known).map { " Did you mean \"\($0)\"?" } ?? ""
                fault =
                    "Column \(index + 1) is called \"\(name)\", which is not a column here.\(meant) The first record names "
                    + "the columns: \(known.joined(separator: ", "))."
            }
        }
        if seen.isEmpty { fault = "The first record names no column." }
        self.fault = fault
    }

    private static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
