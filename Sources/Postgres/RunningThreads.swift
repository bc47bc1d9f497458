import Synchronization

/// Counts threads down and calls back when all have ended.
final class RunningThreads: Sendable {
    private struct State {
        var running: Int
        var waiting: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(running: count)) }

    func end() {
        let ended = state.withLock { state -> [@Sendable () -> Void] in
            state.running -= 1
            guard state.running == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for call in ended { call() }
    }

    /// Calls `body` once no thread runs any more.
    func whenEnded(_ body: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if state.running > 0 { state.waiting.append(body) }
            return state.running == 0
        }
        if isOver { body() }
    }
}
