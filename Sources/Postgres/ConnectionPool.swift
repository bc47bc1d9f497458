import Threads

/// A fixed number of connections, each on a thread of its own. Calls wait in one bounded queue.
///
/// A connection is opened at its first call, and opened again after it was lost. With one connection the calls run in
/// their order.
public final class ConnectionPool: Sendable {
    /// A waiting call. `run` gets the connection, or the reason why there is none.
    private struct Job: Sendable {
        var run: @Sendable (Result<PostgresConnection, PostgresError>) -> Void
    }

    private let inbox: ThreadInbox<Job>
    private let threads: RunningThreads

    /// Starts the threads. They end after ``close()``, or when the pool is no longer used.
    ///
    /// - Parameters:
    ///   - configuration: how to connect.
    ///   - count: how many connections, at least 1.
    ///   - maxWaiting: how many calls wait at most.
    ///   - name: the threads' name.
    public init(_ configuration: PostgresConfiguration, count: Int, maxWaiting: Int, name: String) {
        let count = max(1, count)
        let inbox = ThreadInbox<Job>(capacity: maxWaiting)
        let threads = RunningThreads(count: count)
        self.inbox = inbox
        self.threads = threads
        for _ in 0..<count {
            DedicatedThread.start(name: name) {
                Self.serve(inbox, configuration)
                threads.end()
            }
        }
    }

    deinit { inbox.close() }

    /// Runs `body` with a connection, outside a transaction.
    ///
    /// What `body` leaves open is rolled back. Cancelling the task has no effect.
    ///
    /// - Parameters:
    ///   - isUrgent: whether it comes before calls that are not.
    ///   - body: uses the connection, on the connection's thread, and does not keep it.
    /// - Returns: what `body` returned.
    /// - Throws: what `body` threw; `PostgresError` when there is no connection, too many calls wait or the pool is closed.
    public func run<Value: Sendable>(
        isUrgent: Bool = false, _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        let result: Result<Value, any Error> = await withUnsafeContinuation { continuation in
            let job = Job { connection in
                continuation.resume(returning: Result { try body(connection.get()) })
            }
            switch inbox.push(job, isUrgent: isUrgent) {
            case .taken: break
            case .full:
                let error = PostgresError(.overloaded, "Too many calls wait for the database; try again shortly.")
                continuation.resume(returning: .failure(error))
            case .closed:
                let error = PostgresError(.closed, "The connections to the database are closed.")
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Carries out the calls that wait, closes the connections and waits until the threads have ended.
    public func close() async {
        inbox.close()
        await withUnsafeContinuation { continuation in threads.whenEnded { continuation.resume() } }
    }

    private static func serve(_ inbox: ThreadInbox<Job>, _ configuration: PostgresConfiguration) {
        var connection: PostgresConnection?
        while let job = inbox.next() {
            do throws(PostgresError) {
                let usable = try usableConnection(connection, configuration)
                connection = usable
                job.run(.success(usable))
                if !usable.isIdle { usable.close() }
            } catch {
                connection = nil
                job.run(.failure(error))
            }
        }
        connection?.close()
    }

    private static func usableConnection(
        _ connection: PostgresConnection?, _ configuration: PostgresConfiguration
    ) throws(PostgresError) -> PostgresConnection {
        if let connection, connection.checkOpen() { return connection }
        return try PostgresConnection(configuration)
    }
}
