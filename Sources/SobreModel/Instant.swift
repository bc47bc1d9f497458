#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A point in time in whole milliseconds since 1970-01-01T00:00:00Z, not counting leap seconds.
///
/// Code that decides never reads a clock; it is passed an `Instant`. Names of properties with instants end in `At`.
public struct Instant: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static let epoch = Instant(milliseconds: 0)
    /// Later than any real instant; used for "never".
    public static let distantFuture = Instant(milliseconds: Int64.max / 4)
    public static let distantPast = Instant(milliseconds: Int64.min / 4)

    public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

    public static func + (a: Instant, d: Duration) -> Instant {
        Instant(milliseconds: a.milliseconds &+ d.milliseconds)
    }
    public static func - (a: Instant, d: Duration) -> Instant {
        Instant(milliseconds: a.milliseconds &- d.milliseconds)
    }
    public static func - (a: Instant, b: Instant) -> Duration { .milliseconds(a.milliseconds - b.milliseconds) }
}

extension Duration {
    /// The length in whole milliseconds, rounded towards zero and clamped to `Int64`.
    public var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min / 4 : .max / 4 }
        return whole + attoseconds / 1_000_000_000_000_000
    }
}

/// A source of the current time. The system's clock in production; tests, the demonstration and simulations use others.
public protocol TimeSource: Sendable {
    func now() -> Instant
    /// Why the time cannot be trusted at present; nil when it can.
    var alarm: ClockAlarm? { get }
    /// Accepted jumps of this clock since it was created, oldest first. An age measured across one of them is too great
    /// by its length.
    var corrections: [ClockCorrection] { get }
    /// Makes sure that no time before `mark` is returned from now on, because recorded data already has this time.
    func neverBefore(_ mark: Instant)
}

extension TimeSource {
    public var alarm: ClockAlarm? { nil }
    public var corrections: [ClockCorrection] { [] }
    public func neverBefore(_ mark: Instant) {}
}

/// The machine's wall clock.
public struct SystemTime: TimeSource {
    public init() {}
    public func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
