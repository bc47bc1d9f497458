internal import Liquid
internal import YAMLDocument

/// An error in a template's files, with its position.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The full report: position, sentence, the line with a caret and, if there is one, a hint.
    public var report: String
    /// The first line of the report, for logs and lists.
    public var summary: String

    /// Makes an error from one sentence.
    public init(_ message: String) {
        report = message
        summary = message
    }

    init(_ error: YAMLError) {
        report = error.description
        let place = error.line > 0 ? "\(error.file):\(error.line):\(error.column): " : "\(error.file): "
        summary = place + error.message + (error.help.map { " (\($0))" } ?? "")
    }

    init(_ error: LiquidError) {
        report = error.description
        let place = error.line > 0 ? "\(error.templateName):\(error.line):\(error.column): " : ""
        summary = place + error.message + (error.hint.map { " \($0)" } ?? "")
    }

    public var description: String { report }
}
