internal import Liquid
internal import YAMLDocument

/// A mistake in a template's files, with its place.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole report: place, sentence, the line with a caret and a help where there is one.
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
