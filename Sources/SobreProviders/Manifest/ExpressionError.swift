/// An error in an expression, a path or a pattern of a manifest. The parser adds the position in the file.
struct ExpressionError: Error, CustomStringConvertible {
    let message: String
    let help: String?

    init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }

    var description: String { help.map { "\(message) (\($0))" } ?? message }
}
