import GRDB
import GRDBSQLite
import SobreModel
import SobreSettings
import SobreStore
import Threads

/// The thread that makes all writes. Calls wait in a bounded inbox. All calls that wait share one transaction and one
/// disk sync.
///
/// A call returns after the COMMIT. When one call of a group fails, the group is rolled back and each call runs again
/// in its own transaction, so that only the faulty one fails. Cancelling a task does not cancel its call.
final class Writer: Sendable {
    /// A queued call. `finish` is called once, after the transaction has ended.
    struct Job: Sendable {
        enum Kind { case reads, writes, closes }
        var kind: Kind
        /// Whether it is made before others, in a transaction without them.
        var isUrgent = false
        var run: @Sendable (Core) throws(StoreError) -> Void
        var finish: @Sendable (StoreError?) -> Void
    }

    private let inbox: ThreadInbox<Job>

    /// - Parameters:
    ///   - queue: The connection. From here on only the writer thread uses it.
    ///   - core: The state of the writer thread.
    ///   - configuration: The store's limits.
    ///   - lock: Released when the connection has been closed.
    init(queue: DatabaseQueue, core: Core, configuration: SQLiteConfiguration, lock: OwnerLock) {
        let inbox = ThreadInbox<Job>(capacity: configuration.limits.maxWaitingWrites)
        self.inbox = inbox
        // Safe to send: the caller gives up its only references and does not use them again.
        let given = Given(value: WriterLoop(queue: queue, core: core, inbox: inbox, configuration: configuration))
        DedicatedThread.start(name: "store-writer") {
            let closing = given.value?.run() ?? []
            given.value = nil
            lock.release()
            for job in closing { job.finish(nil) }
        }
    }

    deinit { inbox.close(with: Job(kind: .closes, run: { _ in }, finish: { _ in })) }

    /// Runs `body` on the writer thread within the next transaction and waits until that transaction has ended.
    func perform<Value: Sendable>(
        _ kind: Job.Kind = .writes, isUrgent: Bool = false,
        _ body: @escaping @Sendable (Core) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withUnsafeContinuation { continuation in
            let answer = Answer<Value>()
            let job = Job(
                kind: kind, isUrgent: isUrgent,
                run: { core throws(StoreError) in answer.value = try body(core) },
                finish: { error in
                    if let error {
                        continuation.resume(returning: .failure(error))
                    } else {
                        continuation.resume(returning: answer.value.map { .success($0) } ?? .failure(.closed))
                    }
                })
            switch kind == .closes ? inbox.close(with: job) : inbox.push(job, isUrgent: isUrgent) {
            case .taken: break
            case .full: continuation.resume(returning: .failure(.overloaded))
            case .closed: continuation.resume(returning: .failure(.closed))
            }
        }
        return try result.get()
    }

    /// Waits for a signal or the timeout. The writer thread keeps the waiting callers.
    func waitForWork(atMost: Duration, least: Priority) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let pause = UInt64(max(0, min(atMost.milliseconds, 86_400_000))) * 1_000_000
            let deadline = MonotonicTime.now().nanoseconds + pause
            let answer = Answer<(signal: WorkSignal, nextAt: Instant)>()
            let job = Job(
                kind: .reads,
                run: { core throws(StoreError) in
                    let dueAt = try core.nextDueSinceClaim(least: least) ?? .distantFuture
                    answer.value = (core.signal(for: least), min(dueAt, core.snapshot.leasesEndAfter))
                },
                // Registered after the transaction, because the transaction may run twice.
                finish: { error in
                    if error == nil, let (signal, nextAt) = answer.value {
                        signal.wait(until: deadline, nextAt: nextAt, continuation)
                    } else {
                        continuation.resume()
                    }
                })
            if inbox.push(job) != .taken { continuation.resume() }
        }
    }
}

/// The result of one call. It is written and then read on the writer thread only.
private final class Answer<Value>: @unchecked Sendable {
    var value: Value?
}

/// Passes a value that is not Sendable to the thread that will own it. Only that thread reads it.
private final class Given<Value>: @unchecked Sendable {
    var value: Value?
    init(value: Value) { self.value = value }
}
