import SobreModel
import Threads

/// The callers that wait for work, and whether there may be work. Confined to the writer thread.
///
/// Signals are remembered: work that is added between an empty claim and the call to `wait` ends the wait at once.
final class WorkSignal {
    private struct Waiter {
        var deadline: UInt64
        var continuation: UnsafeContinuation<Void, Never>
    }

    private var waiters: [Waiter] = []
    private var hasWork = false
    /// When the next waiting delivery becomes due or a lease ends, if that is later than the last claim.
    private var nextAt = Instant.distantFuture

    /// A delivery was added to the queue.
    func added(dueAt: Instant, now: Instant) {
        if dueAt <= now { hasWork = true } else { nextAt = min(nextAt, dueAt) }
    }

    /// A claim examines all existing work, so earlier signals are cleared.
    func claimed() { hasWork = false }

    /// A claim or a returned claim left work in the queue.
    func moreIsLeft() { hasWork = true }

    /// Signals from outside that there may be work.
    func poke() { hasWork = true }

    /// Suspends a caller until there is work or its deadline has passed.
    ///
    /// - Parameters:
    ///   - deadline: In nanoseconds of the monotonic clock.
    ///   - nextAt: When the next delivery is due according to the tables.
    ///   - continuation: The caller's continuation. It is resumed exactly once.
    func wait(until deadline: UInt64, nextAt: Instant, _ continuation: UnsafeContinuation<Void, Never>) {
        // A delivery that was added after the tables were read may be due earlier.
        self.nextAt = min(self.nextAt, nextAt)
        waiters.append(Waiter(deadline: deadline, continuation: continuation))
    }

    /// Resumes the callers for which there is work or whose deadline has passed.
    ///
    /// - Parameters:
    ///   - now: The store's time.
    ///   - all: Resumes all callers, because no more work will come.
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

    /// When `wake` must be called again, in nanoseconds of the monotonic clock. Nil when nothing waits.
    func nextDeadline(now: Instant) -> UInt64? {
        guard let earliest = waiters.map(\.deadline).min() else { return nil }
        let pause = max(1, min((nextAt - now).milliseconds, 86_400_000))
        return min(earliest, MonotonicTime.now().nanoseconds + UInt64(pause) * 1_000_000)
    }
}
