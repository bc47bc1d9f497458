#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Measures decisions, where somebody wants to know: about 50 ns each.
struct DecisionWatch: Sendable {
    private let report: (@Sendable (Int64) -> Void)?

    init(_ configuration: SQLiteConfiguration) { report = configuration.onDecision }

    /// Now, in nanoseconds of the monotonic clock; 0 where nothing is measured.
    func begin() -> Int64 { report == nil ? 0 : Self.now() }

    func end(_ begun: Int64) { report?(Self.now() - begun) }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
