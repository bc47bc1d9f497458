import Synchronization

/// Lets one task sleep until it is woken or its time is up. A wake-up without a sleeping task is kept for the next
/// sleep.
final class WakeSignal: Sendable {
    private struct State {
        var isSet = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Wakes the sleeping task, or ends the next sleep at once. Never blocks for long.
    func wake() {
        let sleeper = state.withLock { state in
            let sleeper = state.sleeper
            state.sleeper = nil
            state.isSet = sleeper == nil
            return sleeper
        }
        sleeper?.resume()
    }

    /// Sleeps until `wake` is called, the time is up or the task is cancelled. Only one task may sleep at a time.
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
