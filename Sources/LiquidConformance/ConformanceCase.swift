public import Liquid

/// One case of a conformance suite.
public struct ConformanceCase: Sendable {
    public var name: String
    public var template: String
    /// A JSON object.
    public var environment: [UInt8]
    public var snippets: [String: String]
    /// The accepted outputs; empty if the case must fail.
    public var expected: [String]
    public var mode: ParserMode
    /// Milliseconds since the Unix epoch.
    public var now: Int64

    public init(
        name: String, template: String, environment: [UInt8], snippets: [String: String], expected: [String],
        mode: ParserMode, now: Int64
    ) {
        self.name = name
        self.template = template
        self.environment = environment
        self.snippets = snippets
        self.expected = expected
        self.mode = mode
        self.now = now
    }
}
