import Files
public import Text

/// The environment variables of the process, or of a test.
public struct Environment: Sendable, Redacted {
    private let variables: [String: String]

    public init(_ variables: [String: String] = [:]) { self.variables = variables }

    public subscript(name: String) -> String? { variables[name] }

    public var names: some Sequence<String> { variables.keys }

    /// The environment that this process was started with.
    ///
    /// It is read from `/proc/self/environ`, because the C library's `environ` is a global that any thread may change.
    public static var process: Environment {
        var variables: [String: String] = [:]
        let bytes = (try? TextFile.read("/proc/self/environ", atMost: 4 << 20)) ?? []
        for entry in bytes.split(separator: 0) {
            let pair = entry.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            variables[String(decoding: pair[0], as: UTF8.self)] = String(decoding: pair[1], as: UTF8.self)
        }
        return Environment(variables)
    }
}
