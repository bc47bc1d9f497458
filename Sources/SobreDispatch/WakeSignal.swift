import Synchronization

/// Lets one task sleep until it is woken or its time is up. A wake-up that comes while nobody sleeps is remembered.
final class WakeSignal: Sendable {
    private struct State {
        var isSet = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Wakes the sleeper, or the next. Never blocks for long.
    func wake() {
        let sleeper = state.withLock { state in
            let sleeper = state.sleeper
            state.sleeper = nil
            state.isSet = sleeper == nil
            return sleeper
        }
        sleeper?.resume()
    }

    /// Sleeps; ended by `wake`, by the time, or by the cancellation of the task. One sleeper at a time.
    func sleep(atMost duration: Duration) async {
        let alarm = Task {
            do { try await Task.sleep(for: duration) } catch { return }
            self.wake()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isSet || Task.isCancelled {
                        state.isSet = false
                        return true
                    }
                    state.sleeper = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
        alarm.cancel()
    }
}
