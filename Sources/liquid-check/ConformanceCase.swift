import Liquid

/// One case of a suite, whichever it comes from.
struct ConformanceCase {
    var name: String
    var template: String
    /// A JSON object.
    var environment: [UInt8]
    var snippets: [String: String]
    /// What may come out; empty when the case has to fail.
    var expected: [String]
    var mode: ParserMode
    /// Milliseconds since the Unix epoch.
    var now: Int64
}
