/// What is wrong with a template, its data or a render: one kind, one sentence, and where.
public struct LiquidError: Error, Sendable, CustomStringConvertible {
    /// The sort of failure; callers decide by it, people read the message.
    public enum Kind: String, Sendable, CaseIterable {
        /// The template's text does not follow the grammar.
        case syntax
        /// A filter or a tag was given a value that it cannot take.
        case argument
        /// Division or remainder by zero.
        case zeroDivision
        /// `render` or `include` names a snippet that the catalogue does not hold.
        case missingSnippet
        /// A name that nothing defines, where the policy asks for an error.
        case undefinedVariable
        /// Templates, blocks or data nested too deeply.
        case depthLimit
        /// The step budget is used up.
        case stepLimit
        /// The text would become longer than allowed.
        case outputLimit
        /// A captured or computed value would become larger than allowed.
        case captureLimit
        /// The renderer's working memory would become larger than allowed.
        case memoryLimit
        /// A value for a header holds CR, LF or NUL.
        case headerInjection
        /// The data given is not one JSON object in UTF-8.
        case invalidData
    }

    public var kind: Kind
    /// One full sentence that says what is wrong and what to do.
    public var message: String
    /// The template or snippet in which it happened.
    public var templateName: String
    /// 1-based; 0 when the place is not known.
    public var line: Int
    /// 1-based, in characters; 0 when the place is not known.
    public var column: Int
    /// The line of the template that holds the place, without its newline.
    public var sourceLine: String
    /// A correction to propose, for example `Did you mean 'append'?`.
    public var hint: String?

    public init(
        kind: Kind, message: String, templateName: String = "", line: Int = 0, column: Int = 0,
        sourceLine: String = "", hint: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.templateName = templateName
        self.line = line
        self.column = column
        self.sourceLine = sourceLine
        self.hint = hint
    }

    /// `name:line:column: message`, the source line, a caret below the place, and the hint.
    public var description: String {
        var text = ""
        if line > 0 { text += "\(templateName):\(line):\(column): " }
        text += message
        if line > 0, !sourceLine.isEmpty {
            text += "\n  \(sourceLine)\n  "
            text += String(repeating: " ", count: max(0, column - 1)) + "^"
        }
        if let hint { text += "\n\(hint)" }
        return text
    }
}

/// A failure inside the engine: trivial, so that throwing it costs nothing where nothing fails.
/// The machine keeps the sentence that belongs to it.
struct Failure: Error {
    var kind: LiquidError.Kind
}
