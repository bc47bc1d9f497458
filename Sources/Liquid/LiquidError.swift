/// An error in a template, its data or a render: its kind, a sentence and the position.
public struct LiquidError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. For programs; the message is for people.
    public enum Kind: String, Sendable, CaseIterable {
        /// The template's text does not follow the grammar.
        case syntax
        /// A filter or a tag was given a value that it does not accept.
        case argument
        /// Division or remainder by zero.
        case zeroDivision
        /// `render` or `include` names a snippet that is not in the catalogue.
        case missingSnippet
        /// An undefined name, if the policy makes it an error.
        case undefinedVariable
        /// Templates, blocks or data nested too deeply.
        case depthLimit
        /// The step budget is exhausted.
        case stepLimit
        /// The budget of work is exhausted.
        case workLimit
        /// The output would exceed its limit.
        case outputLimit
        /// A captured or computed value would exceed its limit.
        case captureLimit
        /// The renderer's working memory would exceed its limit.
        case memoryLimit
        /// A value for a header contains CR, LF or NUL.
        case headerInjection
        /// The data is not one JSON object in UTF-8.
        case invalidData
    }

    public var kind: Kind
    /// One full sentence that says what is wrong and what to do.
    public var message: String
    /// The template or snippet that contains the error.
    public var templateName: String
    /// The line, counted from 1; 0 if the position is unknown.
    public var line: Int
    /// The column in characters, counted from 1; 0 if the position is unknown.
    public var column: Int
    /// The line of the template at that position, without its newline.
    public var sourceLine: String
    /// A suggested correction, for example `Did you mean 'append'?`.
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

/// A failure inside the engine. A trivial type, so that code that does not fail has no cost. The machine stores its
/// message.
struct Failure: Error {
    var kind: LiquidError.Kind
}
