import Postgres
import SobreModel
import SobreStore

/// The statements by which a node takes, renews and returns buckets.
///
/// A lease only says which node works on a bucket. What keeps decisions exact is the lock of the bucket's row, and the
/// epoch that is compared under it.
struct BucketLeases {
    private static let lockAll = PreparedStatement(
        "lease_lock",
        "SELECT id, node, epoch, lease_until FROM bucket ORDER BY id FOR NO KEY UPDATE")
    private static let take = PreparedStatement(
        "lease_take",
        """
        UPDATE bucket SET node = $1, epoch = epoch + 1, lease_until = $2 WHERE id = ANY($3) RETURNING id, epoch
        """)
    private static let renew = PreparedStatement(
        "lease_renew",
        """
        UPDATE bucket SET lease_until = $2 FROM unnest($3::int8[], $4::int8[]) AS held(bucket, term)
        WHERE id = held.bucket AND node = $1 AND epoch = held.term RETURNING id
        """)
    private static let release = PreparedStatement(
        "lease_release", "UPDATE bucket SET node = 0, lease_until = 0 WHERE node = $1")
    private static let nextIncarnation = PreparedStatement("lease_join", "SELECT nextval('incarnation')")
    private static let free = PreparedStatement(
        "lease_free",
        """
        SELECT EXISTS (SELECT FROM bucket WHERE lease_until <= $1 OR (node = $2 AND NOT id = ANY($3)))
        """)

    let clock: StoreClock
    let lease: Duration

    /// - Returns: a number that no node had before.
    func join(_ connection: PostgresConnection) throws -> NodeIncarnation {
        NodeIncarnation(rawValue: try connection.query(Self.nextIncarnation)[0].int(0))
    }

    /// Renews the leases that a node holds, and takes the buckets that are free or whose lease has ended.
    ///
    /// - Parameters:
    ///   - node: the node.
    ///   - held: the epochs of its buckets.
    ///   - connection: a connection, outside a transaction.
    /// - Returns: the epochs of the buckets that it holds now. Those that another node has taken are gone.
    /// - Throws: `StoreError` or `PostgresError`; whether the leases were renewed is not known then.
    func keep(
        _ node: NodeIncarnation, held: [Int: Int64], _ connection: PostgresConnection
    ) throws -> [Int: Int64] {
        let outcome = connection.transaction {
            let now = try clock.now(connection)
            let order = held.keys.sorted()
            let renewed = try connection.query(
                Self.renew, node.rawValue, (now + lease).milliseconds, order, order.map { held[$0] })
            var kept: [Int: Int64] = [:]
            for row in renewed { kept[Int(try row.int(0))] = held[Int(try row.int(0))] }
            return (
                kept,
                try connection.query(
                    Self.free, now.milliseconds, node.rawValue, kept.keys.sorted()
                )[0].bool(0)
            )
        }
        let (kept, isAnyFree) = try Self.committed(outcome)
        return isAnyFree ? try takeFree(node, kept, connection) : kept
    }

    /// Takes what is free, and what the node holds without knowing the epoch, because the answer was lost: under the locks of all rows, because those who decide hold the lock of theirs.
    private func takeFree(
        _ node: NodeIncarnation, _ held: [Int: Int64], _ connection: PostgresConnection
    ) throws -> [Int: Int64] {
        let outcome = connection.transaction {
            let rows = try connection.query(Self.lockAll)
            // After the locks: the wait for them may have been long.
            let now = try clock.now(connection)
            var free: [Int64] = []
            for row in rows {
                let isForgotten = try row.int(1) == node.rawValue && held[Int(try row.int(0))] == nil
                if try isForgotten || row.int(3) <= now.milliseconds { free.append(try row.int(0)) }
            }
            var all = held
            if free.isEmpty { return all }
            for row in try connection.query(Self.take, node.rawValue, (now + lease).milliseconds, free) {
                all[Int(try row.int(0))] = try row.int(1)
            }
            return all
        }
        return try Self.committed(outcome)
    }

    /// Returns all buckets of a node, so that others can take them at once.
    ///
    /// - Parameters:
    ///   - node: the node.
    ///   - connection: a connection, outside a transaction.
    /// - Throws: `PostgresError`; the leases end by themselves then.
    func release(_ node: NodeIncarnation, _ connection: PostgresConnection) throws {
        try connection.query(Self.release, node.rawValue)
    }

    private static func committed<Value>(_ outcome: TransactionOutcome<Value>) throws -> Value {
        switch outcome {
        case .committed(let value): return value
        case .rolledBack(let error): throw error
        case .unknown(let error): throw error
        }
    }
}
