import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs a history on one thread. Simulated time advances only when nothing can run, and the seed decides which job runs
/// next.
///
/// The store has its own threads. The scheduler waits while one of the store's calls is running. So each call is an
/// indivisible step, and the history depends only on the seed.
///
/// `@unchecked Sendable`: all state is accessed by the scheduler's thread, or by a thread of the store while the
/// scheduler waits for it. Only `foreign` and `callsOutside` are shared; the first is locked and the second is atomic.
/// The same holds for all types that run on the scheduler.
final class HistoryScheduler: @unchecked Sendable {
    private struct Timer {
        var at: Int64
        var order: UInt64
        var continuation: UnsafeContinuation<Void, Never>

        func isBefore(_ other: Timer) -> Bool { at < other.at || at == other.at && order < other.order }
    }

    /// Milliseconds since the history began.
    private(set) var now: Int64 = 0
    private(set) var jobs = 0
    private let jobLimit: Int
    private var random: Seeded
    private var executors: [ProcessExecutor] = []
    private var timers: [Timer] = []
    private var timerCount: UInt64 = 0
    private let callsOutside = Atomic<Int>(0)
    private let foreign = Mutex<[(UnownedJob, ProcessExecutor)]>([])
    private let arrival = DispatchSemaphore(value: 0)
    private let thread = pthread_self()

    init(seed: UInt64, jobLimit: Int) {
        random = Seeded(seed, 0x5741_4745)
        self.jobLimit = jobLimit
    }

    /// Tasks that can be frozen together, like those of a process.
    final class ProcessExecutor: TaskExecutor, @unchecked Sendable {
        fileprivate var ready: [UnownedJob] = []
        var isFrozen = false
        private unowned let scheduler: HistoryScheduler

        fileprivate init(_ scheduler: HistoryScheduler) { self.scheduler = scheduler }

        func enqueue(_ job: consuming ExecutorJob) { scheduler.enqueue(UnownedJob(job), self) }
    }

    func newExecutor() -> ProcessExecutor {
        let executor = ProcessExecutor(self)
        executors.append(executor)
        return executor
    }

    private func enqueue(_ job: UnownedJob, _ executor: ProcessExecutor) {
        if pthread_equal(pthread_self(), thread) != 0 {
            executor.ready.append(job)
        } else {
            foreign.withLock { $0.append((job, executor)) }
            arrival.signal()
        }
    }

    /// Makes a call that runs on other threads. The scheduler waits until it returns.
    func outside<Value, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        callsOutside.add(1, ordering: .sequentiallyConsistent)
        defer { callsOutside.subtract(1, ordering: .sequentiallyConsistent) }
        return try await body()
    }

    /// Whether a call on other threads is running and the scheduler waits. Any thread may read this.
    var isWaiting: Bool { callsOutside.load(ordering: .sequentiallyConsistent) > 0 }

    /// The ID of a sleep that can be ended early.
    func newSleep() -> UInt64 {
        timerCount += 1
        return timerCount
    }

    /// Suspends for a number of milliseconds of simulated time.
    func sleep(_ milliseconds: Int64, as name: UInt64? = nil) async {
        if milliseconds <= 0 { return }
        let order = name ?? newSleep()
        await withUnsafeContinuation { continuation in
            timers.append(Timer(at: now + milliseconds, order: order, continuation: continuation))
        }
    }

    /// Ends a sleep early. Has no effect when it is over.
    func wake(_ name: UInt64) {
        guard let index = timers.firstIndex(where: { $0.order == name }) else { return }
        let timer = timers[index]
        timers[index] = timers[timers.count - 1]
        timers.removeLast()
        timer.continuation.resume()
    }

    /// Runs until `isDone`. Returns false when nothing can run any more, or when the job limit is reached.
    func play(until isDone: () -> Bool) -> Bool {
        while true {
            while isWaiting {
                arrival.wait()
                let (job, executor) = foreign.withLock { $0.removeFirst() }
                job.runSynchronously(on: executor.asUnownedTaskExecutor())
            }
            if isDone() { return true }
            if jobs >= jobLimit { return false }
            if let (job, executor) = nextJob() {
                jobs += 1
                job.runSynchronously(on: executor.asUnownedTaskExecutor())
            } else if !ringNext() {
                return false
            }
        }
    }

    /// Resumes all sleeping tasks and lets them end. Their further actions are not observed.
    func end() {
        jobs = 0
        for executor in executors { executor.isFrozen = false }
        _ = play { false }
    }

    private func nextJob() -> (UnownedJob, ProcessExecutor)? {
        let count = executors.reduce(0) { $0 + ($1.isFrozen ? 0 : $1.ready.count) }
        guard count > 0 else { return nil }
        var index = Int(random.next() % UInt64(count))
        for executor in executors where !executor.isFrozen {
            if index < executor.ready.count {
                let job = executor.ready[index]
                executor.ready[index] = executor.ready[executor.ready.count - 1]
                executor.ready.removeLast()
                return (job, executor)
            }
            index -= executor.ready.count
        }
        return nil
    }

    private func ringNext() -> Bool {
        if timers.isEmpty { return false }
        var next = 0
        var index = 1
        while index < timers.count {
            if timers[index].isBefore(timers[next]) { next = index }
            index += 1
        }
        let timer = timers[next]
        timers[next] = timers[timers.count - 1]
        timers.removeLast()
        now = max(now, timer.at)
        timer.continuation.resume()
        return true
    }
}
