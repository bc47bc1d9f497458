import SobreModel
import Synchronization

/// The node's clock for the store. The store's threads also wake by real time and must not read the clock while the
/// scheduler runs. They then get the last time that was read, so that a history depends only on its seed.
final class StoreTime: TimeSource {
    private let clock: SteadyClock
    private let scheduler: HistoryScheduler
    private let last: Mutex<Instant>

    init(_ clock: SteadyClock, _ scheduler: HistoryScheduler) {
        self.clock = clock
        self.scheduler = scheduler
        last = Mutex(clock.now())
    }

    func now() -> Instant {
        guard scheduler.isWaiting else { return last.withLock { $0 } }
        let now = clock.now()
        last.withLock { $0 = now }
        return now
    }

    var alarm: ClockAlarm? { clock.alarm }
    var corrections: [ClockCorrection] { clock.corrections }

    func neverBefore(_ mark: Instant) {
        clock.neverBefore(mark)
        let now = clock.now()
        last.withLock { $0 = now }
    }
}
