import SobreModel
import Synchronization

/// The node's clock as the store sees it: the store's threads wake by real time, too, and must not read the clock while
/// the scheduler goes on. Then they get the last time that was read; so a history stays a function of its seed.
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
