#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A reading of the monotonic clock, in nanoseconds; a plain number, because every transfer of the curl loops takes several.
public struct MonotonicTime: Hashable, Comparable, Sendable {
    public var nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    public static func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The time `milliseconds` later.
    public func advanced(byMilliseconds milliseconds: Int) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds &+ UInt64(max(milliseconds, 0)) &* 1_000_000)
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    public func duration(since earlier: MonotonicTime) -> Duration {
        .nanoseconds(Int64(nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0))
    }

    /// Whole milliseconds until `later`, rounded up; 0 when it has passed.
    public func milliseconds(until later: MonotonicTime) -> Int {
        guard later > self else { return 0 }
        return Int((later.nanoseconds - nanoseconds + 999_999) / 1_000_000)
    }
}
