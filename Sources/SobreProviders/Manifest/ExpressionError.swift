/// A mistake in an expression, a path or a pattern of a manifest; the parser adds the place in the file.
struct ExpressionError: Error, CustomStringConvertible {
    let message: String
    let help: String?

    init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }

    var description: String { help.map { "\(message) (\($0))" } ?? message }
}
