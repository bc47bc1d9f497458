import Threads

/// Measures how long decisions take if a callback is configured. A measurement costs about 50 ns.
struct DecisionTimer: Sendable {
    private let report: (@Sendable (Int64) -> Void)?

    init(_ configuration: SQLiteConfiguration) { report = configuration.onDecision }

    /// The present time in nanoseconds of the monotonic clock, or 0 when nothing is measured.
    func begin() -> UInt64 { report == nil ? 0 : MonotonicTime.now().nanoseconds }

    func end(_ begun: UInt64) { report?(Int64(MonotonicTime.now().nanoseconds - begun)) }
}
