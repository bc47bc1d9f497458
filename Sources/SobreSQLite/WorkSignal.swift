import SobreModel
import Threads

/// Who waits for work, and whether there may be some. Confined to the writer thread.
///
/// Edges are remembered: work that is added between a claim that came back empty and the call to wait ends the wait at once.
final class WorkSignal {
    private struct Waiter {
        var deadline: UInt64
        var continuation: UnsafeContinuation<Void, Never>
    }

    private var waiters: [Waiter] = []
    private var hasWork = false
    /// When the next waiting delivery is due or a lease ends, as far as it is later than the last claim.
    private var nextAt = Instant.distantFuture

    /// Something waits that was not waiting before.
    func added(dueAt: Instant, now: Instant) {
        if dueAt <= now { hasWork = true } else { nextAt = min(nextAt, dueAt) }
    }

    /// A claim looks at all there is.
    func claimed() { hasWork = false }

    /// There is more than was claimed.
    func moreIsLeft() { hasWork = true }

    /// Somebody outside says that there may be work.
    func poke() { hasWork = true }

    /// Suspends a caller until there is work or its deadline has passed.
    ///
    /// - Parameters:
    ///   - deadline: in nanoseconds of the monotonic clock.
    ///   - nextAt: when the next delivery is due, as the tables say.
    ///   - continuation: the caller; resumed exactly once.
    func wait(until deadline: UInt64, nextAt: Instant, _ continuation: UnsafeContinuation<Void, Never>) {
        // What was added since the tables were read may be due before it.
        self.nextAt = min(self.nextAt, nextAt)
        waiters.append(Waiter(deadline: deadline, continuation: continuation))
    }

    /// Wakes whom it concerns.
    ///
    /// - Parameters:
    ///   - now: the store's time.
    ///   - all: whatever there is, because nothing more will come.
    func wake(now: Instant, all: Bool = false) {
        if waiters.isEmpty { return }
        if nextAt <= now {
            nextAt = .distantFuture
            hasWork = true
        }
        let time = MonotonicTime.now().nanoseconds
        let wakesAll = hasWork || all
        for waiter in waiters where wakesAll || waiter.deadline <= time { waiter.continuation.resume() }
        waiters.removeAll { wakesAll || $0.deadline <= time }
        if wakesAll { hasWork = false }
    }

    /// When `wake` has to be called again, in nanoseconds of the monotonic clock; nil: nobody waits.
    func nextDeadline(now: Instant) -> UInt64? {
        guard let earliest = waiters.map(\.deadline).min() else { return nil }
        let pause = max(1, min((nextAt - now).milliseconds, 86_400_000))
        return min(earliest, MonotonicTime.now().nanoseconds + UInt64(pause) * 1_000_000)
    }
}
