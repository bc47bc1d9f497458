/// A fixed number of threads for work that computes for long without waiting.
///
/// Swift's own pool has one thread a core. A few long computations in it would stop everything else that awaits a
/// turn; on threads of their own they share the processor with it, and at most so many run at once.
public final class WorkerThreads: Sendable {
    private let inbox = ThreadInbox<@Sendable () -> Void>()

    /// Starts the threads. They end when this object is no longer used and their work is done.
    ///
    /// - Parameters:
    ///   - name: shown by `top -H` and debuggers.
    ///   - count: how many, at least 1.
    public init(name: String, count: Int) {
        // The threads hold the inbox only, so that this object can end while they wait.
        for _ in 0..<max(1, count) {
            DedicatedThread.start(name: name) { [inbox] in while let work = inbox.next() { work() } }
        }
    }

    deinit { inbox.close() }

    /// Runs `body` on one of the threads, in the order of the calls.
    ///
    /// - Parameters:
    ///   - isUrgent: whether it comes before calls that are not.
    ///   - body: the work.
    /// - Returns: its result.
    public func run<Result: Sendable>(
        isUrgent: Bool = false, _ body: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            // Without a limit, and not closed before `deinit`, the inbox takes everything.
            _ = inbox.push({ continuation.resume(returning: body()) }, isUrgent: isUrgent)
        }
    }
}
