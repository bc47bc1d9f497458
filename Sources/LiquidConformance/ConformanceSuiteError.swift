/// Why a suite cannot be run.
public struct ConformanceSuiteError: Error, Sendable, CustomStringConvertible {
    public let description: String
}
