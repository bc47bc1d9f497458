import Synchronization

/// A clock that moves only when it is told to: for tests, the demonstration and the simulation.
public final class VirtualTime: TimeSource {
    private let current: Mutex<Instant>

    public init(_ start: Instant) { current = Mutex(start) }

    public func now() -> Instant { current.withLock { $0 } }

    /// Sets the clock. Going backwards is allowed: clocks in life do so too.
    public func set(_ instant: Instant) { current.withLock { $0 = instant } }

    /// Moves the clock on.
    public func advance(by duration: Duration) { current.withLock { $0 = $0 + duration } }
}
