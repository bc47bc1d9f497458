import Synchronization

/// A clock that advances only when told to. For tests, the demonstration and simulations.
public final class VirtualTime: TimeSource {
    private let current: Mutex<Instant>

    public init(_ start: Instant) { current = Mutex(start) }

    public func now() -> Instant { current.withLock { $0 } }

    /// Sets the clock. It may be set back, because real clocks can be, too.
    public func set(_ instant: Instant) { current.withLock { $0 = instant } }

    /// Advances the clock.
    public func advance(by duration: Duration) { current.withLock { $0 = $0 + duration } }
}
