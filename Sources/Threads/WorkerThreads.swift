#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A fixed number of threads for work that computes for long without waiting.
///
/// Swift's own pool has one thread a core. A few long computations in it would stop everything else that awaits a
/// turn; on threads of their own they share the processor with it, and at most so many run at once.
public final class WorkerThreads: Sendable {
    private let queue: WorkQueue

    /// Starts the threads. They end when this object is no longer used and their work is done.
    ///
    /// - Parameters:
    ///   - name: shown by `top -H` and debuggers.
    ///   - count: how many, at least 1.
    public init(name: String, count: Int) {
        let queue = WorkQueue()
        self.queue = queue
        for _ in 0..<max(1, count) {
            DedicatedThread.start(name: name) { while let work = queue.next() { work() } }
        }
    }

    deinit { queue.close() }

    /// Runs `body` on one of the threads, in the order of the calls.
    ///
    /// - Returns: its result.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.add { continuation.resume(returning: body()) }
        }
    }
}

/// The work that waits for a thread.
///
/// `@unchecked Sendable` is right: every access to the mutable state holds the mutex, whose memory does not move.
private final class WorkQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Waiting work; what stands before `head` has been taken.
    private var waiting: [(@Sendable () -> Void)?] = []
    private var head = 0
    private var isClosed = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    func add(_ work: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        waiting.append(work)
        pthread_cond_signal(changed)
        pthread_mutex_unlock(mutex)
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// The next work; waits for it. Nil when the queue is closed and empty.
    func next() -> (@Sendable () -> Void)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while head == waiting.count {
            if isClosed { return nil }
            pthread_cond_wait(changed, mutex)
        }
        let work = waiting[head]
        waiting[head] = nil
        head += 1
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        }
        return work
    }
}
