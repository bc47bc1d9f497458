import Threads

/// Measures decisions, where somebody wants to know: about 50 ns each.
struct DecisionWatch: Sendable {
    private let report: (@Sendable (Int64) -> Void)?

    init(_ configuration: SQLiteConfiguration) { report = configuration.onDecision }

    /// Now, in nanoseconds of the monotonic clock; 0 where nothing is measured.
    func begin() -> UInt64 { report == nil ? 0 : MonotonicTime.now().nanoseconds }

    func end(_ begun: UInt64) { report?(Int64(MonotonicTime.now().nanoseconds - begun)) }
}
