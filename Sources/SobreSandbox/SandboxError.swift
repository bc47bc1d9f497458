/// Why a sandbox cannot start or cannot read its input.
public enum SandboxError: Error, Equatable, CustomStringConvertible {
    /// An invalid setting. The text says which one and what would be valid.
    case configuration(String)
    /// A fault plan that cannot be parsed. The text names the entry.
    case faultPlan(String)
    /// A port that cannot be bound.
    case bind(host: String, port: Int, reason: String)
    /// A file operation that failed.
    case file(path: String, operation: String, errno: Int32)
    /// A record file with a line that is not a record.
    case record(path: String, line: Int, reason: String)

    /// One full sentence for an operator.
    public var description: String {
        switch self {
        case .configuration(let sentence), .faultPlan(let sentence):
            return sentence
        case .bind(let host, let port, let reason):
            return "The sandbox cannot listen on \(host):\(port): \(reason). "
                + "Choose another port, or 0 for any free one."
        case .file(let path, let operation, let code):
            return "The sandbox cannot \(operation) \(path): \(systemError(code))."
        case .record(let path, let line, let reason):
            return "Line \(line) of \(path) is not a sandbox record: \(reason)."
        }
    }
}
