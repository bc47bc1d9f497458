import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// Records outcomes under the locks of their deliveries' buckets.
struct RecordTransaction {
    /// An open attempt with what its message says.
    private struct Open {
        var id: Int64
        var delivery: DeliveryID
        var at: Int64
        var openedAt: Instant
        var deadline: Instant
        var owner: NodeIncarnation
        var channel: Channel
        var person: KeyHash
        var isOwnerGone: Bool
        var priority: Priority
        var isCancelled: Bool
        /// Whether the recipient was erased meanwhile: the provider's words may repeat what was deleted.
        var isErased: Bool
        var plan: [Channel]
        var route: ChannelRoute
        var campaign: KeyHash
    }

    private static let open = PreparedStatement(
        "record_open",
        """
        SELECT attempt.id, attempt.delivery, attempt.at, attempt.opened_at, attempt.deadline, attempt.owner,
            attempt.channel, attempt.person, attempt.owner <> $5 AND NOT EXISTS (
                SELECT FROM bucket WHERE bucket.node = attempt.owner AND bucket.lease_until > $4),
            message.priority, message.cancelled_at IS NOT NULL, message.recipient = '', message.channels, message.route,
            message.campaign
        FROM attempt JOIN message ON message.bucket = attempt.bucket
            AND message.id = attempt.delivery & ~\(DeliveryID.slotMask)::int8
        WHERE attempt.bucket = ANY($1) AND attempt.delivery = ANY($2) AND attempt.id = ANY($3)
            AND attempt.state = \(LedgerEntry.State.reserved.rawValue)
        """)
    /// Changes no index, unless the outcome comes more than an hour after the attempt was begun.
    private static let close = PreparedStatement(
        "record_close",
        """
        UPDATE attempt SET state = s, spent_at = t, at = n
        FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[]) AS r(b, a, i, s, t, n)
        WHERE bucket = b AND at = a AND id = i
        """)
    private static let closeInPlace = PreparedStatement(
        "record_close_in_place",
        """
        UPDATE attempt SET state = s, spent_at = t
        FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[]) AS r(b, a, i, s, t)
        WHERE bucket = b AND at = a AND id = i
        """)
    private static let addPolls = PreparedStatement(
        "record_polls",
        """
        INSERT INTO poll (bucket, provider, provider_id, delivery, address, is_part, since, due_at, tries)
        SELECT *, 0 FROM unnest($1::int8[], $2::text[], $3::text[], $4::int8[], $5::int8[], $6::bool[], $7::int8[],
            $8::int8[])
        """)
    private static let devices = PreparedStatement(
        "record_devices", "SELECT address, registered_at FROM device WHERE bucket = ANY($1) AND address = ANY($2)")

    private let store: PostgresStore
    private let outcomes: [AttemptRecord]
    private let connection: PostgresConnection

    init(_ store: PostgresStore, _ outcomes: [AttemptRecord], _ connection: PostgresConnection) {
        self.store = store
        self.outcomes = outcomes
        self.connection = connection
    }

    /// - Returns: whether each outcome was recorded, and the suppressions that take effect with them.
    func run() throws -> (results: [Bool], suppressions: [Suppression]) {
        let deliveries = outcomes.map(\.delivery)
        let buckets = Set(deliveries.map { Bucket.of($0.message) }).sorted()
        try connection.send(
            Self.open, buckets, deliveries.map(\.rawValue), outcomes.map(\.ledgerID), store.lastTime.milliseconds,
            store.incarnation.rawValue)
        try connection.send(QueueTransaction.drawNumbers, outcomes.count)
        let (now, all) = try store.clock.read(connection)
        store.note(now)
        let results = Array(all.suffix(2))
        var open = try Self.read(results[0])
        let transaction = QueueTransaction(connection, now: now, numbers: try results[1].map { try $0.int(0) })
        var closed: [(open: Open, state: LedgerEntry.State, at: Instant, bucket: Int)] = []
        var suppressions: [Suppression] = []
        var answers: [Bool] = []
        for outcome in outcomes {
            guard let attempt = open[outcome.ledgerID], attempt.delivery == outcome.delivery,
                attempt.owner == store.incarnation || attempt.isOwnerGone && attempt.deadline <= now
            else {
                answers.append(false)
                continue
            }
            open[outcome.ledgerID] = nil
            let isCommitted = outcome.proof != .notSent
            // The provider may accept a message for as long as the call could have lasted.
            let committedAt = attempt.owner != store.incarnation ? max(now, attempt.deadline) : now
            closed.append(
                (attempt, isCommitted ? .committed : .released, committedAt, Bucket.of(outcome.delivery.message)))
            try log(outcome, attempt, transaction)
            if !attempt.isErased { try add(outcome.polls, now) }
            suppressions += try proven(outcome).map { attempt.isErased ? $0.erasedText : $0 }
            answers.append(true)
        }
        try end(closed)
        try transaction.writer.send(connection)
        return (answers, suppressions)
    }

    private static func read(_ rows: QueryResult) throws -> [Int64: Open] {
        var open: [Int64: Open] = [:]
        for row in rows {
            let id = try row.int(0)
            open[id] = Open(
                id: id, delivery: DeliveryID(rawValue: try row.int(1)), at: try row.int(2),
                openedAt: Instant(milliseconds: try row.int(3)),
                deadline: Instant(milliseconds: try row.int(4)), owner: NodeIncarnation(rawValue: try row.int(5)),
                channel: try row.value(6, in: "attempt.channel", of: id), person: KeyHash(stored: try row.int(7)),
                isOwnerGone: try row.bool(8), priority: try row.value(9, in: "message.priority", of: id),
                isCancelled: try row.bool(10), isErased: try row.bool(11),
                plan: try MessageRow.channels(row.bytes(12), of: id),
                route: try row.value(13, in: "message.route", of: id),
                campaign: try row.optionalText(14).map { KeyHash($0) } ?? .none)
        }
        return open
    }

    /// Writes the new state, and puts a delivery that waits again in the queue.
    private func log(_ outcome: AttemptRecord, _ attempt: Open, _ transaction: QueueTransaction) throws {
        var entry = outcome.change.entry(of: outcome.delivery, at: transaction.now)
        guard DeliveryState.attempting.mayBecome(entry.state) else {
            throw StoreError(.internal, "The outcome of an attempt cannot leave its delivery \(entry.state).")
        }
        if attempt.isErased { entry.detail = "" }
        if entry.state.isPending, attempt.isCancelled {
            // The message is not sent again. Whether it was sent before does not change.
            entry.state = outcome.proof == .unknown || entry.possibleDuplicate ? .unknown : .cancelled
            entry.reason = DropReason.cancelled.rawValue
            entry.dueAt = nil
        } else if entry.state.isPending {
            let dueAt = entry.dueAt ?? transaction.now
            entry.dueAt = dueAt
            transaction.writer.add(waiting(entry, outcome, attempt, dueAt: dueAt, now: transaction.now))
        }
        transaction.log(entry, of: attempt.campaign, attempt: attempt.id)
    }

    private func waiting(
        _ entry: LogEntry, _ outcome: AttemptRecord, _ attempt: Open, dueAt: Instant, now: Instant
    ) -> QueueItem {
        var flags: QueueFlags = entry.channel == nil ? [] : .hasBegun
        if entry.possibleDuplicate { flags.insert(.possibleDuplicate) }
        if outcome.beginsAtChannel { flags.insert(.beginsAtChannel) }
        let slot = attempt.route.hasDeliveryPerChannel ? outcome.delivery.slot : 0
        let first = attempt.plan.indices.contains(slot) ? attempt.plan[slot] : attempt.channel
        return QueueItem(
            delivery: outcome.delivery, channel: entry.channel ?? first, rank: attempt.priority.rank, dueAt: dueAt,
            person: attempt.person, state: entry.state, attempts: entry.attempt, flags: flags,
            campaign: attempt.campaign, reason: entry.reason, since: now)
    }

    private func end(
        _ closed: [(open: Open, state: LedgerEntry.State, at: Instant, bucket: Int)]
    ) throws(PostgresError) {
        func isLate(_ item: (open: Open, state: LedgerEntry.State, at: Instant, bucket: Int)) -> Bool {
            item.at > item.open.openedAt + .seconds(3600)
        }
        let prompt = closed.filter { !isLate($0) }
        if !prompt.isEmpty {
            try connection.send(
                Self.closeInPlace, prompt.map(\.bucket), prompt.map(\.open.at), prompt.map(\.open.id),
                prompt.map { Int64($0.state.rawValue) }, prompt.map(\.at.milliseconds))
        }
        let late = closed.filter(isLate)
        if late.isEmpty { return }
        try connection.send(
            Self.close, late.map(\.bucket), late.map(\.open.at), late.map(\.open.id),
            late.map { Int64($0.state.rawValue) }, late.map(\.at.milliseconds), late.map(\.at.milliseconds))
    }

    private func add(_ polls: [PendingPoll], _ now: Instant) throws(PostgresError) {
        if polls.isEmpty { return }
        try connection.send(
            Self.addPolls, polls.map { Bucket.of($0.delivery.message) }, polls.map(\.provider), polls.map(\.providerID),
            polls.map(\.delivery.rawValue), polls.map(\.address.stored), polls.map(\.isOneOfSeveral),
            polls.map { _ in now.milliseconds }, polls.map { (now + $0.wait).milliseconds })
    }

    /// The suppressions of an outcome without those of devices that were registered after they are said to have died.
    private func proven(_ outcome: AttemptRecord) throws -> [Suppression] {
        if outcome.deadSince.isEmpty { return outcome.suppressions }
        let asked = Array(outcome.deadSince.keys)
        var registered: [KeyHash: Instant] = [:]
        for row in try connection.query(Self.devices, asked.buckets, asked.map(\.stored)) {
            registered[KeyHash(stored: try row.int(0))] = Instant(milliseconds: try row.int(1))
        }
        return outcome.suppressions.filter { suppression in
            guard let since = outcome.deadSince[suppression.subject], let at = registered[suppression.subject]
            else { return true }
            return at < since
        }
    }
}
