public import SobreModel

/// Enforces a provider's rate: the generic cell rate algorithm with reservations.
///
/// At most `burst` calls begin at once, then one every `1/rate` seconds. In any second at most `rate + burst` calls
/// begin.
public struct RateLimiter: Hashable, Sendable {
    private let intervalMicroseconds: Int64
    private let toleranceMicroseconds: Int64
    /// When the bucket would be full again, in microseconds since 1970.
    private var theoreticalArrival: Int64 = .min / 2

    /// - Parameters:
    ///   - rate: calls per second; greater than 0.
    ///   - burst: calls that may begin at once; at least 1.
    public init(rate: Double, burst: Int) {
        // Rounded up. At thousands of calls per second, rounding down a fraction of a microsecond would allow many
        // calls too many.
        intervalMicroseconds = max(1, Int64((1_000_000 / max(rate, 0.000_01)).rounded(.up)))
        toleranceMicroseconds = Int64(max(burst, 1) - 1) * intervalMicroseconds
    }

    /// A limiter with another rate that goes on where this one is: as many places are taken, and they become free at the
    /// new rate.
    ///
    /// - Parameters:
    ///   - rate: as in ``init(rate:burst:)``.
    ///   - burst: as in ``init(rate:burst:)``.
    ///   - now: the time of the change.
    /// - Returns: the limiter that takes this one's place.
    func changed(rate: Double, burst: Int, at now: Instant) -> RateLimiter {
        var limiter = RateLimiter(rate: rate, burst: burst)
        let nowMicroseconds = now.milliseconds * 1000
        let taken = (max(0, theoreticalArrival - nowMicroseconds) + intervalMicroseconds - 1) / intervalMicroseconds
        limiter.theoreticalArrival = nowMicroseconds + min(taken, Int64(burst)) * limiter.intervalMicroseconds
        return limiter
    }

    /// How many calls could begin within `length` from now.
    public func places(within length: Duration, at now: Instant) -> Int {
        let nowMicroseconds = now.milliseconds * 1000
        let first = max(theoreticalArrival, nowMicroseconds) - toleranceMicroseconds
        let left = nowMicroseconds + length.milliseconds * 1000 - first
        return left < 0 ? 0 : Int(left / intervalMicroseconds) + 1
    }

    /// When the place after `taken` others begins.
    public func next(after taken: Int, at now: Instant) -> Instant {
        let first = max(theoreticalArrival, now.milliseconds * 1000) - toleranceMicroseconds
        let next = first + Int64(taken) * intervalMicroseconds
        return max(now, Instant(milliseconds: (next + 999) / 1000))
    }

    /// Takes the next free place and returns when it begins.
    public mutating func reserve(at now: Instant) -> Instant {
        let nowMicroseconds = now.milliseconds * 1000
        let earliest = theoreticalArrival - toleranceMicroseconds
        theoreticalArrival = max(theoreticalArrival, nowMicroseconds) + intervalMicroseconds
        return earliest <= nowMicroseconds ? now : Instant(milliseconds: (earliest + 999) / 1000)
    }
}
