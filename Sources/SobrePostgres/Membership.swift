import Postgres
import SobreModel
import SobreStore
import Synchronization
import Threads

/// A node's place in the store: its incarnation and the buckets that it holds, kept by a thread of its own.
///
/// While the database cannot be reached, the node keeps its buckets until its leases end by its own steady clock, which
/// counts from before the lease was asked for. They so end here no later than in the database.
final class Membership: Sendable {
    private struct State {
        var held: [Int: Int64] = [:]
        /// When the leases end by this node's clock.
        var endsAt = MonotonicTime(nanoseconds: 0)
    }

    let incarnation: NodeIncarnation
    private let state = Mutex(State())
    private let leases: BucketLeases
    private let configuration: PostgresStoreConfiguration
    private let interrupt = Interrupt()
    /// The calls that wait for the thread's end; nil once it has ended.
    private let waiting = Mutex<[UnsafeContinuation<Void, Never>]?>([])

    /// Joins and takes the buckets that are free. ``start()`` keeps them.
    ///
    /// - Parameters:
    ///   - configuration: how to connect and how long leases last.
    ///   - clock: the store's clock.
    /// - Throws: `StoreError` or `PostgresError`.
    init(_ configuration: PostgresStoreConfiguration, clock: StoreClock) throws {
        self.configuration = configuration
        leases = BucketLeases(clock: clock, lease: configuration.lease)
        let connection = try PostgresConnection(configuration.connection)
        defer { connection.close() }
        incarnation = try leases.join(connection)
        try renew(connection)
    }

    /// Starts the thread that renews the leases. Once it is started, the membership lasts until ``leave()``.
    func start() { DedicatedThread.start(name: "store-leases") { [self] in run() } }

    /// The epoch of a bucket that this node holds; nil when it holds it no longer.
    func epoch(of bucket: Int) -> Int64? { held[bucket] }

    /// The epochs of the buckets that this node holds.
    var held: [Int: Int64] {
        state.withLock { state in MonotonicTime.now() < state.endsAt ? state.held : [:] }
    }

    /// Returns the buckets and ends the thread.
    func leave() async {
        interrupt.set()
        await withUnsafeContinuation { continuation in
            let isOver = waiting.withLock { waiting in
                waiting?.append(continuation)
                return waiting == nil
            }
            if isOver { continuation.resume() }
        }
    }

    private func run() {
        var connection: PostgresConnection?
        while !interrupt.wait(atMost: configuration.renewInterval) {
            do {
                let usable = try usable(connection)
                connection = usable
                try renew(usable)
            } catch {
                // Tried again after the interval. Until then the leases go on, or end.
                connection?.close()
                connection = nil
            }
        }
        state.withLock { $0.held = [:] }
        // Without the database the leases end by themselves.
        if let last = try? usable(connection) {
            try? leases.release(incarnation, last)
            last.close()
        }
        let calls = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting ?? []
        }
        for call in calls { call.resume() }
    }

    private func usable(_ connection: PostgresConnection?) throws -> PostgresConnection {
        if let connection, connection.checkOpen() { return connection }
        return try PostgresConnection(configuration.connection)
    }

    private func renew(_ connection: PostgresConnection) throws {
        let asked = MonotonicTime.now()
        let held = try leases.keep(incarnation, held: state.withLock { $0.held }, connection)
        let endsAt = asked.advanced(byMilliseconds: Int(configuration.lease.milliseconds))
        state.withLock { $0 = State(held: held, endsAt: endsAt) }
    }
}
