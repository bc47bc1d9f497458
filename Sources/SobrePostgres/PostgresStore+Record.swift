import Postgres
public import SobreModel
public import SobreStore

extension PostgresStore {
    @discardableResult
    public func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool] {
        if outcomes.isEmpty { return [] }
        let buckets = Set(outcomes.map { Bucket.of($0.delivery.message) })
        let subjects = Set(outcomes.flatMap { $0.suppressions.map(\.subject) })
        let results: [Bool]
        if subjects.isEmpty {
            results = try await transact { connection in
                try connection.send(QueueTransaction.lock, buckets.sorted())
                return try RecordTransaction(self, outcomes, connection).run().results
            }
        } else {
            var scope = PeopleScope(names: subjects, addresses: subjects)
            scope.buckets = buckets
            results = try await changePeople(scope) { people in
                let record = try RecordTransaction(self, outcomes, people.connection).run()
                try people.suppress(record.suppressions)
                return record.results
            }
        }
        // What waits again may be due.
        if outcomes.contains(where: { $0.change.state.isPending }) { work.signal() }
        return results
    }

    private static let overdue = PreparedStatement(
        "record_overdue",
        """
        SELECT attempt.id, attempt.owner, attempt.delivery, attempt.number, attempt.channel, attempt.provider,
            coalesce(message.category, ''), attempt.possible_duplicate, attempt.policy_version, attempt.template_version
        FROM attempt LEFT JOIN message ON message.bucket = attempt.bucket
            AND message.id = attempt.delivery & ~\(DeliveryID.slotMask)::int8
        WHERE attempt.state = \(LedgerEntry.State.reserved.rawValue) AND attempt.deadline <= $1 AND (
            attempt.owner = $2
            OR NOT EXISTS (SELECT FROM bucket WHERE bucket.node = attempt.owner AND bucket.lease_until > $1))
        ORDER BY attempt.id LIMIT $3
        """)

    /// An incarnation counts as gone when it holds no bucket and the attempt's deadline has passed.
    public func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt] {
        try await read { connection in
            let now = try self.clock.now(connection)
            self.note(now)
            let owner = self.incarnation.rawValue
            return try connection.query(Self.overdue, now.milliseconds, owner, max(0, limit)).map { row in
                let id = try row.int(0)
                return OverdueAttempt(
                    ledgerID: id, owner: NodeIncarnation(rawValue: try row.int(1)),
                    delivery: DeliveryID(rawValue: try row.int(2)), attempt: Int(try row.int(3)),
                    channel: try row.value(4, in: "attempt.channel", of: id), provider: try row.text(5),
                    category: try row.text(6), possibleDuplicate: try row.bool(7), policyVersion: Int(try row.int(8)),
                    templateVersion: try row.text(9))
            }
        }
    }
}
