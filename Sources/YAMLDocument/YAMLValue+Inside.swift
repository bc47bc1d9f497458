extension YAMLValue {
    /// An error that points at a character inside this scalar.
    ///
    /// If the file does not show the scalar's text verbatim (escapes, several lines), the error points at its start.
    /// `offset` counts characters from the start of the scalar's text.
    public func error(inside offset: Int, _ message: String, help: String? = nil) -> YAMLError {
        guard case .scalar(let text, _) = content, source.lines.indices.contains(line - 1), column >= 1 else {
            return error(message, help: help)
        }
        let rest = source.lines[line - 1].dropFirst(column - 1)
        for quotes in 0...1 where rest.dropFirst(quotes).hasPrefix(text) {
            return source.error(line: line, column: column + quotes + offset, message, help: help)
        }
        return error(message, help: help)
    }
}
