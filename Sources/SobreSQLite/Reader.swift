import GRDB
import GRDBSQLite
import SobreModel
import SobreSettings
import SobreStore
import Threads

/// A thread with a read-only connection, for reads that may be slow.
final class Reader: Sendable {
    struct Job: Sendable {
        var run: @Sendable (Result<OpaquePointer, StoreError>) -> Void
        var isLast = false
    }

    private let inbox: ThreadInbox<Job>

    init(path: String, configuration: SQLiteConfiguration) throws(StoreError) {
        SQLiteProcess.ready
        let queue: DatabaseQueue
        do {
            var options = Configuration()
            options.readonly = true
            options.label = "sobre-reader"
            options.busyMode = .timeout(Double(configuration.limits.busyTimeout.milliseconds) / 1000)
            let cache = configuration.limits.readerCacheBytes / 1024
            options.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -\(cache)") }
            queue = try DatabaseQueue(path: path, configuration: options)
            try queue.read { db in
                if try Self.checkVersion(db) < Schema.version {
                    throw StoreError(
                        .incompatible,
                        "The database is still in the layout of an earlier Sobre. Start `sobre serve` once: it converts it."
                    )
                }
            }
        } catch {
            throw .from(error, doing: "opening \(path) for reading")
        }
        let inbox = ThreadInbox<Job>(capacity: configuration.limits.maxWaitingReads)
        self.inbox = inbox
        DedicatedThread.start(name: "store-reader") {
            while let job = inbox.next() {
                Self.run(job, queue)
                if job.isLast { return }
            }
        }
    }

    /// Runs one job in one transaction, so that all its statements see the same state.
    private static func run(_ job: Job, _ queue: DatabaseQueue) {
        var hasRun = false
        do {
            try queue.read { db in
                guard let connection = db.sqliteConnection else { throw StoreError.closed }
                hasRun = true
                job.run(.success(connection))
            }
        } catch {
            if !hasRun { job.run(.failure(.from(error, doing: "reading"))) }
        }
    }

    /// Rejects files of other programs and of newer versions.
    ///
    /// - Returns: The version of the file's layout, which may be older than this program's.
    @discardableResult
    static func checkVersion(_ db: Database) throws -> Int32 {
        let id = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if id != Schema.applicationID {
            throw StoreError(.incompatible, "The database is not one of Sobre's; check the data directory's path.")
        }
        if version > Schema.version {
            throw StoreError(
                .incompatible,
                "The database has layout \(version), this program supports up to \(Schema.version); use a newer Sobre.")
        }
        return version
    }

    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (OpaquePointer) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withUnsafeContinuation { continuation in
            let job = Job(run: { connection in
                do throws(StoreError) {
                    continuation.resume(returning: .success(try body(connection.get())))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            })
            switch inbox.push(job) {
            case .taken: break
            case .full: continuation.resume(returning: .failure(.overloaded))
            case .closed: continuation.resume(returning: .failure(.closed))
            }
        }
        return try result.get()
    }

    deinit { inbox.close(with: Job(run: { _ in }, isLast: true)) }

    func close() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let last = Job(run: { _ in continuation.resume() }, isLast: true)
            if inbox.close(with: last) != .taken { continuation.resume() }
        }
    }
}
