import SobreModel
import Synchronization

/// A clock that moves when a test moves it, and that is in doubt when the test says so.
final class DoubtfulTime: TimeSource {
    private struct State {
        var now: Instant
        var alarm: ClockAlarm?
        var corrections: [ClockCorrection] = []
    }

    private let state: Mutex<State>

    init(_ start: Instant) { state = Mutex(State(now: start)) }

    func now() -> Instant { state.withLock { $0.now } }
    var alarm: ClockAlarm? { state.withLock { $0.alarm } }
    var corrections: [ClockCorrection] { state.withLock { $0.corrections } }

    func advance(by duration: Duration) { state.withLock { $0.now = $0.now + duration } }

    func doubt(_ alarm: ClockAlarm?, _ corrections: [ClockCorrection]) {
        state.withLock { state in
            state.alarm = alarm
            state.corrections = corrections
        }
    }
}
