import Liquid

/// One case of either suite.
struct ConformanceCase {
    var name: String
    var template: String
    /// A JSON object.
    var environment: [UInt8]
    var snippets: [String: String]
    /// The accepted outputs; empty if the case must fail.
    var expected: [String]
    var mode: ParserMode
    /// Milliseconds since the Unix epoch.
    var now: Int64
}
