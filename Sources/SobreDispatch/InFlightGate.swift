import Synchronization

/// Bounds the number of deliveries between claim and record. A counting semaphore that hands out several permits at
/// once.
final class InFlightGate: Sendable {
    private struct State {
        var free: Int
        var isClosed = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        state = Mutex(State(free: capacity))
    }

    /// Takes between 1 and `wanted` permits, and suspends while none is free. Returns 0 once the gate is closed.
    func take(upTo wanted: Int) async -> Int {
        while true {
            let taken: Int? = state.withLock { state in
                if state.isClosed { return 0 }
                let count = min(wanted, state.free)
                state.free -= count
                return count > 0 ? count : nil
            }
            if let taken { return taken }
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state in
                    if state.free > 0 || state.isClosed { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if goOn { continuation.resume() }
            }
        }
    }

    /// Stops handing out permits. Tasks that wait for one resume without it.
    func close() {
        let woken = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in woken { waiter.resume() }
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

    /// The number of permits in use.
    var inUse: Int { state.withLock { capacity - $0.free } }
}
