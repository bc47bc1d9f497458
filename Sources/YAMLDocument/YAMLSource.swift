/// The text of a file, kept so that every value can report its position.
public final class YAMLSource: Sendable {
    /// The file's name as it appears in errors.
    public let file: String
    let lines: [Substring]

    init(file: String, text: String) {
        self.file = file
        // Swift treats CRLF as one character, so both line ends are listed.
        lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }

    func error(line: Int, column: Int, _ message: String, help: String? = nil) -> YAMLError {
        let text = lines.indices.contains(line - 1) ? String(lines[line - 1].prefix(200)) : nil
        return YAMLError(file: file, line: line, column: column, message: message, help: help, sourceLine: text)
    }
}
