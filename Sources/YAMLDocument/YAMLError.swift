/// An error in a YAML file, formatted like a compiler error.
///
/// ```
/// Config/policy.yaml:12:9: error: unknown key "limt"
///   12 |         limt: 5
///      |         ^
///   = help: did you mean "limit"?
/// ```
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's name as it was given.
    public let file: String
    /// The line, counted from 1; 0 if the error has no position.
    public let line: Int
    /// The column in characters, counted from 1.
    public let column: Int
    /// What is wrong.
    public let message: String
    /// What would be right.
    public let help: String?
    /// The line of the file, truncated to 200 characters.
    public let sourceLine: String?

    /// Makes an error from its parts.
    public init(
        file: String, line: Int, column: Int, message: String, help: String? = nil, sourceLine: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.help = help
        self.sourceLine = sourceLine
    }

    /// The full report, several lines without a final line end.
    public var description: String {
        guard line > 0 else { return "\(file): error: \(message)" + helpLine(margin: 2) }
        var text = "\(file):\(line):\(column): error: \(message)"
        let number = String(line)
        let margin = max(number.count, 4)
        if let sourceLine {
            let blank = String(repeating: " ", count: margin)
            let caret = String(sourceLine.prefix(column - 1).map { $0 == "\t" ? "\t" : " " })
            text += "\n\(blank.dropLast(number.count))\(number) | \(sourceLine)"
            if column <= sourceLine.count + 1 { text += "\n\(blank) | \(caret)^" }
        }
        return text + helpLine(margin: margin)
    }

    private func helpLine(margin: Int) -> String {
        help.map { "\n\(String(repeating: " ", count: margin)) = help: \($0)" } ?? ""
    }
}
