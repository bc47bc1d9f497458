import Synchronization

/// Says that there may be work on this node. Work of other nodes is found by polling.
final class PollingSignal: Sendable {
    private let signals = Atomic<UInt64>(0)
    private let seen = Atomic<UInt64>(0)

    /// How often the signal is looked at.
    private static let step = Duration.milliseconds(5)
    /// After this time without a signal the queue is looked at all the same.
    private static let poll = Duration.milliseconds(50)

    func signal() { signals.wrappingAdd(1, ordering: .releasing) }

    /// Waits for a signal since the last wait, for the next poll, or until the time is over.
    func wait(atMost: Duration) async {
        var left = min(atMost, Self.poll)
        while left > .zero, !Task.isCancelled {
            let now = signals.load(ordering: .acquiring)
            if seen.exchange(now, ordering: .acquiringAndReleasing) != now { return }
            try? await Task.sleep(for: min(left, Self.step))
            left -= Self.step
        }
    }
}
