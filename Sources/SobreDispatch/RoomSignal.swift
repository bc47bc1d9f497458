import Synchronization

/// Lets workers sleep while a provider has no room, and wakes them one at a time when it has. A wake-up without a
/// sleeping worker is kept for the next one.
final class RoomSignal: Sendable {
    private struct State {
        var isSet = false
        var nextID = 0
        /// In the order in which they fell asleep.
        var sleepers: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state = Mutex(State())
    private let sleeping = Atomic(0)

    /// Whether a worker sleeps.
    var isAwaited: Bool { sleeping.load(ordering: .relaxed) > 0 }

    /// Wakes the worker that has slept longest, or ends the next sleep at once.
    func wake() {
        let sleeper = state.withLock { state in
            state.isSet = state.sleepers.isEmpty
            return state.isSet ? nil : state.sleepers.removeFirst().continuation
        }
        sleeper?.resume(returning: true)
    }

    /// Sleeps until `wake` is called or the time is up. Returns whether it was woken.
    func sleep(atMost duration: Duration, by pace: Pace) async -> Bool {
        sleeping.add(1, ordering: .relaxed)
        defer { sleeping.subtract(1, ordering: .relaxed) }
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let alarm = Task(executorPreference: pace.executor) { [self] in
            await pace.sleep(for: duration)
            end(id)
        }
        defer { alarm.cancel() }
        return await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                if state.isSet {
                    state.isSet = false
                    return true
                }
                state.sleepers.append((id, continuation))
                return false
            }
            if goesOn { continuation.resume(returning: true) }
        }
    }

    private func end(_ id: Int) {
        let sleeper = state.withLock { state in
            state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0).continuation }
        }
        sleeper?.resume(returning: false)
    }
}
