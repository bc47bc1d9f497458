import Glibc

/// A reading of the monotonic clock, in nanoseconds; a plain number, because every transfer takes several.
struct MonotonicTime: Comparable {
    var nanoseconds: UInt64

    static func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The time `milliseconds` later.
    func advanced(byMilliseconds milliseconds: Int) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds &+ UInt64(max(milliseconds, 0)) &* 1_000_000)
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    func duration(since earlier: MonotonicTime) -> Duration {
        .nanoseconds(Int64(nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0))
    }

    /// Whole milliseconds until `later`, rounded up; 0 when it has passed.
    func milliseconds(until later: MonotonicTime) -> Int {
        guard later > self else { return 0 }
        return Int((later.nanoseconds - nanoseconds + 999_999) / 1_000_000)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, at most about 24 days, the range of libcurl's timeouts.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
