import DequeModule
import SobreDelivery
import SobreModel
import Synchronization

/// Calls that were handed over and wait for a place on the wire of their provider.
///
/// Each provider has a queue of its own: by priority, then in the order of admission. A call begins on the thread that
/// frees a place for it. It leaves without beginning when its permit ends or its provider accepts no calls any more; the
/// delivery is then decided anew.
final class StartQueue: Sendable {
    /// A call that waits.
    struct Entry: Sendable {
        var priority: Priority
        var permit: StartPermit
        /// Makes the call. ``StartQueue/ended(_:)`` must be called when it has ended.
        var begin: @Sendable () -> Void
        /// Ends the call, which has not begun.
        var refuse: @Sendable (Refusal) -> Void
    }

    /// Why a call does not begin.
    enum Refusal: UInt8, Sendable {
        /// No place became free for it in time.
        case late = 1
        /// Something about the recipient, the address or the message changed.
        case changed
        /// An operator has paused what it is for.
        case paused
        /// The provider is limited or broken.
        case closed
    }

    private struct State {
        /// By priority, lowest first.
        var entries = [Deque<Entry>](repeating: [], count: Priority.allCases.count)
        var count = 0
        /// Whether a thread begins calls of this queue. Others leave that to it.
        var isPumped = false
        /// The place under the rate limit that a timer waits for.
        var timerAt: Instant?
        var isSwept = false
    }

    private final class Queue: Sendable {
        let provider: String
        let state = Mutex(State())

        init(provider: String) { self.provider = provider }
    }

    /// What the thread that begins calls does next.
    private enum Step {
        case begin(Entry)
        case refuse([Entry], Refusal)
        case wait(Duration, until: Instant)
        case stop
    }

    /// By provider; made with its first call.
    private let queues = Mutex<[String: Queue]>([:])
    private let router: Router
    private let time: any TimeSource
    private let pace: Pace

    init(router: Router, time: any TimeSource, pace: Pace) {
        self.router = router
        self.time = time
        self.pace = pace
    }

    /// Begins a call now or when its turn comes.
    func add(_ entry: Entry, to provider: String) {
        let queue = queue(of: provider)
        if let refusal = entry.permit.refusal() { return entry.refuse(refusal) }
        let now = time.now()
        let beginsNow = queue.state.withLock { state in
            if state.count == 0, router.begin(provider, at: now) == .now { return true }
            state.entries[Int(entry.priority.rawValue)].append(entry)
            state.count += 1
            return false
        }
        if beginsNow { return entry.begin() }
        pump(queue, at: now)
        sweepLater(queue)
    }

    /// Begins a call to a further device after a wait. It is made for a message that goes out anyway.
    func addJoined(_ entry: Entry, to provider: String, after wait: Duration) {
        guard wait > .milliseconds(2) else { return beginJoined(entry, provider) }
        Task(executorPreference: pace.executor) { [self] in
            await pace.sleep(for: wait)
            beginJoined(entry, provider)
        }
    }

    private func beginJoined(_ entry: Entry, _ provider: String) {
        if let refusal = entry.permit.refusal() { return entry.refuse(refusal) }
        guard router.beginJoined(provider, at: time.now()) else { return entry.refuse(.closed) }
        entry.begin()
    }

    /// Frees the place of a call that has ended, and begins the next.
    func ended(_ provider: String) {
        router.freed(provider)
        pump(queue(of: provider), at: time.now())
    }

    private func queue(of provider: String) -> Queue {
        queues.withLock { queues in
            if let queue = queues[provider] { return queue }
            let queue = Queue(provider: provider)
            queues[provider] = queue
            return queue
        }
    }

    // MARK: - Beginning

    /// Begins as many calls as may begin.
    private func pump(_ queue: Queue, at now: Instant) {
        let isMine = queue.state.withLock { state in
            // The other thread looks again before it ends, and finds what changed.
            guard state.count > 0, !state.isPumped else { return false }
            state.isPumped = true
            return true
        }
        guard isMine else { return }
        while true {
            let now = max(now, time.now())
            switch queue.state.withLock({ next(&$0, of: queue.provider, at: now) }) {
            case .begin(let entry): entry.begin()
            case .refuse(let entries, let why): for entry in entries { entry.refuse(why) }
            case .wait(let length, let until): pumpLater(queue, after: length, until: until)
            case .stop: return
            }
        }
    }

    private func next(_ state: inout State, of provider: String, at now: Instant) -> Step {
        guard let priority = state.entries.indices.last(where: { !state.entries[$0].isEmpty }) else {
            return stop(&state)
        }
        if let refusal = state.entries[priority].first!.permit.refusal() {
            state.count -= 1
            return .refuse([state.entries[priority].removeFirst()], refusal)
        }
        switch router.begin(provider, at: now) {
        case .now:
            state.count -= 1
            return .begin(state.entries[priority].removeFirst())
        case .never:
            let all = state.entries.reversed().flatMap { $0 }
            state.entries = Array(repeating: [], count: state.entries.count)
            state.count = 0
            return .refuse(all, .closed)
        case .later(let place) where state.timerAt.map { place < $0 } ?? true:
            state.timerAt = place
            return .wait(place - now, until: place)
        case .later, .full: return stop(&state)
        }
    }

    private func stop(_ state: inout State) -> Step {
        state.isPumped = false
        return .stop
    }

    private func pumpLater(_ queue: Queue, after wait: Duration, until place: Instant) {
        Task(executorPreference: pace.executor) { [self] in
            await pace.sleep(for: wait)
            queue.state.withLock { if $0.timerAt == place { $0.timerAt = nil } }
            // The clock of the places may stand still while the dispatcher's own goes on, as in a test.
            pump(queue, at: max(time.now(), place))
        }
    }

    // MARK: - Leaving

    /// Looks from time to time for calls that wait in vain, for as long as any wait.
    private func sweepLater(_ queue: Queue) {
        let isMine = queue.state.withLock { state in
            guard state.count > 0, !state.isSwept else { return false }
            state.isSwept = true
            return true
        }
        guard isMine else { return }
        Task(executorPreference: pace.executor) { [self] in
            var isEmpty = false
            while !isEmpty {
                await pace.sleep(for: Self.sweepInterval)
                let (refused, isLast) = queue.state.withLock { state in
                    let refused = sweep(&state)
                    if state.count == 0 { state.isSwept = false }
                    return (refused, state.count == 0)
                }
                for (entry, refusal) in refused { entry.refuse(refusal) }
                pump(queue, at: time.now())
                isEmpty = isLast
            }
        }
    }

    private func sweep(_ state: inout State) -> [(Entry, Refusal)] {
        var refused: [(Entry, Refusal)] = []
        for priority in state.entries.indices where !state.entries[priority].isEmpty {
            state.entries[priority].removeAll { entry in
                guard let refusal = entry.permit.refusal() else { return false }
                refused.append((entry, refusal))
                return true
            }
        }
        state.count -= refused.count
        return refused
    }

    private static let sweepInterval = Duration.milliseconds(250)
}
