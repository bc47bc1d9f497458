#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Deciding code never asks for the time; it is given an `Instant`. Properties that hold one end in `At`.
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

/// Where a part of the program takes its time from. Production reads the system's clock; tests, the
/// demonstration and the simulation bring their own.
public protocol TimeSource: Sendable {
    func now() -> Instant
    /// Why the time cannot be trusted at present; nil: it can.
    var alarm: ClockAlarm? { get }
    /// Jumps of this clock that were believed since it was made, oldest first. Ages over one of them are too great by it.
    var corrections: [ClockCorrection] { get }
    /// No earlier time may be given out from here on: what was recorded bears it.
    func neverBefore(_ mark: Instant)
}

extension TimeSource {
    public var alarm: ClockAlarm? { nil }
    public var corrections: [ClockCorrection] { [] }
    public func neverBefore(_ mark: Instant) {}
}

/// The computer's own wall clock.
public struct SystemTime: TimeSource {
    public init() {}
    public func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
