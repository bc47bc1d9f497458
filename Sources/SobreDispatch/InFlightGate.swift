import Synchronization

/// Bounds the deliveries between claim and record: a counting semaphore that hands out several permits at once.
final class InFlightGate: Sendable {
    private struct State {
        var free: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        state = Mutex(State(free: capacity))
    }

    /// Takes between 1 and `wanted` permits; suspends while there is none.
    func take(upTo wanted: Int) async -> Int {
        while true {
            let taken = state.withLock { state in
                let count = min(wanted, state.free)
                state.free -= count
                return count
            }
            if taken > 0 { return taken }
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state in
                    if state.free > 0 { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if goOn { continuation.resume() }
            }
        }
    }

    func give(back count: Int) {
        guard count > 0 else { return }
        let woken = state.withLock { state in
            state.free += count
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in woken { waiter.resume() }
    }

    /// Permits in use now.
    var inUse: Int { state.withLock { capacity - $0.free } }
}
