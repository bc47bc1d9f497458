import Synchronization

/// A counter for several threads, on which a test can wait.
final class Counter: Sendable {
    private struct State {
        var value = 0
        var waiters: [(goal: Int, resume: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var value: Int { state.withLock { $0.value } }

    func increment() {
        let ready = state.withLock { state in
            state.value += 1
            let ready = state.waiters.filter { $0.goal <= state.value }
            state.waiters.removeAll { $0.goal <= state.value }
            return ready
        }
        for waiter in ready { waiter.resume.resume() }
    }

    /// Returns when the counter has reached `goal`. The test's time limit bounds the wait.
    func wait(for goal: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.value >= goal { return true }
                state.waiters.append((goal, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// Values collected from several threads.
final class Collector<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])

    var values: [Value] { state.withLock { $0 } }

    func add(_ value: Value) {
        state.withLock { $0.append(value) }
    }
}
