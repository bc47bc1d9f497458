/// Writes comma-separated values (RFC 4180) for spreadsheets.
///
/// A spreadsheet would run a cell that begins with `=`, `+`, `-`, `@`, a tab or a CR as a formula. Such a cell is
/// written with a leading apostrophe, which ``unguarded(_:)`` removes.
public enum CSVWriter {
    private static let dangerous: Set<UInt8> = [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D]

    /// One record with its line break.
    public static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    /// The original text of a cell that was written with a leading apostrophe.
    public static func unguarded(_ cell: String) -> String {
        cell.utf8.first == 0x27 && isDangerous(cell) ? String(cell.dropFirst()) : cell
    }

    private static func cell(_ text: String) -> String {
        var text = text
        if isDangerous(text) { text = "'" + text }
        guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D, 0x09, 0x27].contains($0) }) else { return text }
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(parts.joined(separator: "\"\""))\""
    }

    /// Whether a cell begins like a formula, after any leading apostrophes.
    private static func isDangerous(_ cell: String) -> Bool {
        cell.utf8.first { $0 != 0x27 }.map(dangerous.contains) ?? false
    }
}
