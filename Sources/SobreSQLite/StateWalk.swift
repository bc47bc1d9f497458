import SobreModel
import SobreStore

/// Finds the deliveries that may match a filter, one after the other, without reading those that have ended well.
///
/// Deliveries that wait or ended unsent are found by their group (state, campaign, reason, channel); queued ones by the
/// queue itself; those in flight by the open attempts. A filter that also asks for other states, or for none in
/// particular, is answered from the messages, the newest first. Every row costs a part of a budget, so that the time
/// for a page is bounded; the messages themselves are read by the caller, who charges for them.
struct StateWalk {
    /// What was found, and the place behind it.
    struct Find {
        /// Nil: the message as a whole.
        var delivery: DeliveryID?
        var message: MessageID
        var place: StatePlace
    }

    private let db: OpaquePointer
    private let filter: StateFilter
    /// The key hashes of the filter's recipient, for SQL.
    private let names: String?
    /// The states to go through, in order. Empty: the messages.
    private let states: [DeliveryState]
    private(set) var place: StatePlace
    /// How many more rows may be looked at.
    var budget: Int
    private var statements: [String: Statement] = [:]
    private var found: [Find] = []
    private var isAtEnd = false

    /// How many rows are fetched at a time.
    private static let part = 256

    init(
        _ filter: StateFilter, names: String?, from start: StatePlace?, budget: Int, on db: OpaquePointer
    ) throws(StoreError) {
        self.db = db
        self.filter = filter
        self.names = names
        self.budget = budget
        let isIndexed =
            names == nil && !filter.states.isEmpty
            && filter.states.allSatisfy { $0.isPending || $0.isUnsent || $0 == .attempting }
        states = isIndexed ? filter.states.sorted { $0.rawValue < $1.rawValue } : []
        place = start ?? states.first.map { .start($0) } ?? .message(.max)
        let isOwn =
            switch place {
            case .message: states.isEmpty
            case .group(let group, _, _): states.contains(group.state)
            case .queue: states.contains(.queued)
            case .attempt: states.contains(.attempting)
            case .start(let state): states.contains(state)
            }
        guard isOwn else {
            throw StoreError(
                .cursor, "The cursor belongs to a list with other conditions; repeat the conditions or begin anew.")
        }
    }

    /// The next delivery or message that may match. Nil at the end, and when the budget is used up: then `isDone` tells.
    mutating func next() throws(StoreError) -> Find? {
        while found.isEmpty, !isAtEnd, budget > 0 { try fetch() }
        guard !found.isEmpty else { return nil }
        let find = found.removeLast()
        place = find.place
        return find
    }

    /// Whether nothing is left behind `place`.
    var isDone: Bool { isAtEnd && found.isEmpty }

    // MARK: Fetching

    /// Fetches the next part into `found`, in reverse order.
    private mutating func fetch() throws(StoreError) {
        switch place {
        case .start(let state): try begin(state)
        case .group(let group, let since, let delivery):
            try fetch(group, since: since, delivery: delivery)
            if found.isEmpty { try enter(after: group) }
        case .queue(let key): try fetchQueued(after: key)
        case .attempt(let id): try fetchAttempts(after: id)
        case .message(let id): try fetchMessages(before: id)
        }
        found.reverse()
    }

    private mutating func begin(_ state: DeliveryState) throws(StoreError) {
        switch state {
        case .queued: place = .queue([-1, -1, -1, .min, .min])
        case .attempting: place = .attempt(0)
        default: try enter(after: StateGroup(before: state))
        }
    }

    /// Goes on with the state after one that is exhausted.
    private mutating func leave(_ state: DeliveryState) {
        if let next = states.first(where: { $0.rawValue > state.rawValue }) {
            place = .start(next)
        } else {
            isAtEnd = true
        }
    }

    /// Goes to the next group of the same state that may match, else to the next state.
    private mutating func enter(after given: StateGroup) throws(StoreError) {
        var group = given
        let wanted = filter.selector.campaign.map { KeyHash.campaign($0).stored }
        while budget > 0 {
            if let wanted, group.campaign < wanted {
                group = StateGroup(state: group.state, campaign: wanted, reason: "", channel: -1)
            }
            guard let next = try nextGroup(after: group), wanted == nil || next.campaign == wanted else {
                return leave(given.state)
            }
            group = next
            budget -= 1
            guard filter.reasons.isEmpty || filter.reasons.contains(next.reason),
                filter.selector.channel.map({ Int64($0.rawValue) == next.channel || next.channel == 0 }) ?? true
            else { continue }
            place = .group(next, since: filter.since?.milliseconds ?? .min, delivery: .min)
            return
        }
        place = .group(group, since: .max, delivery: .max)
    }

    private func table(_ state: DeliveryState) -> String {
        state.isUnsent
            ? "unsent WHERE state = ?1"
            : "queue INDEXED BY queue_by_state WHERE state <> \(DeliveryState.queued.rawValue) AND state = ?1"
    }

    private mutating func nextGroup(after group: StateGroup) throws(StoreError) -> StateGroup? {
        let row = try prepared(
            """
            SELECT campaign, reason, channel FROM \(table(group.state))
            AND (campaign, reason, channel) > (?2, ?3, ?4) ORDER BY campaign, reason, channel LIMIT 1
            """
        ).bind(1, Int64(group.state.rawValue)).bind(2, group.campaign).bind(3, group.reason).bind(4, group.channel)
        defer { row.reset() }
        guard try row.step() else { return nil }
        return StateGroup(state: group.state, campaign: row.int(0), reason: row.string(1), channel: row.int(2))
    }

    private mutating func fetch(_ group: StateGroup, since: Int64, delivery: Int64) throws(StoreError) {
        let row = try prepared(
            """
            SELECT since, delivery FROM \(table(group.state)) AND campaign = ?2 AND reason = ?3 AND channel = ?4
            AND (since, delivery) > (?5, ?6) AND since < ?7 ORDER BY since, delivery LIMIT \(Self.part)
            """
        ).bind(1, Int64(group.state.rawValue)).bind(2, group.campaign).bind(3, group.reason).bind(4, group.channel)
            .bind(5, since).bind(6, delivery).bind(7, filter.until?.milliseconds ?? .max)
        while try row.step() {
            budget -= 1
            let delivery = DeliveryID(rawValue: row.int(1))
            found.append(
                Find(
                    delivery: delivery, message: delivery.message,
                    place: .group(group, since: row.int(0), delivery: delivery.rawValue)))
        }
    }

    /// Queued deliveries are in no index, because they pass through at full speed. They are read from the queue itself.
    private mutating func fetchQueued(after key: [Int64]) throws(StoreError) {
        guard try total(of: .queued) > 0 else { return leave(.queued) }
        let row = try prepared(
            """
            SELECT section, channel, rank, due_at, delivery, state, campaign, reason FROM queue
            WHERE (section, channel, rank, due_at, delivery) > (?, ?, ?, ?, ?)
            ORDER BY section, channel, rank, due_at, delivery
            """)
        for (index, part) in key.enumerated() { row.bind(Int32(index + 1), part) }
        defer { row.reset() }
        let wanted = filter.selector.campaign.map { KeyHash.campaign($0).stored }
        let channel = filter.selector.channel.map { Int64($0.rawValue) }
        while found.count < Self.part {
            guard try row.step() else {
                // The place is kept for what was found before.
                if found.isEmpty { leave(.queued) }
                return
            }
            budget -= 1
            let place = StatePlace.queue((0..<5).map { row.int($0) })
            let isMatch =
                row.int(5) == Int64(DeliveryState.queued.rawValue) && wanted.map { $0 == row.int(6) } ?? true
                && channel.map { $0 == row.int(1) } ?? true
                && (filter.reasons.isEmpty || filter.reasons.contains(row.string(7)))
            if isMatch {
                let delivery = DeliveryID(rawValue: row.int(4))
                found.append(Find(delivery: delivery, message: delivery.message, place: place))
            } else if found.isEmpty {
                self.place = place
            }
            if budget <= 0 { return }
        }
    }

    private mutating func fetchAttempts(after id: Int64) throws(StoreError) {
        let row = try prepared(
            """
            SELECT id, delivery FROM attempt
            WHERE id > max(?1, coalesce((SELECT value FROM meta WHERE name = 'open_from'), 0) - 1) AND state = 0
            ORDER BY id LIMIT \(Self.part)
            """
        ).bind(1, id)
        while try row.step() {
            budget -= 1
            let delivery = DeliveryID(rawValue: row.int(1))
            found.append(Find(delivery: delivery, message: delivery.message, place: .attempt(row.int(0))))
        }
        if found.isEmpty { leave(.attempting) }
    }

    private mutating func fetchMessages(before id: Int64) throws(StoreError) {
        let sql =
            names.map {
                """
                SELECT message FROM (\(SQLiteReader.messages(of: $0))) WHERE message < ?1
                ORDER BY message DESC LIMIT \(Self.part)
                """
            } ?? "SELECT id FROM message WHERE id < ?1 ORDER BY id DESC LIMIT \(Self.part)"
        let row = try prepared(sql).bind(1, id)
        while try row.step() {
            budget -= 1
            found.append(Find(delivery: nil, message: MessageID(rawValue: row.int(0)), place: .message(row.int(0))))
        }
        if found.isEmpty { isAtEnd = true }
    }

    /// The number of deliveries in a state, which the store keeps.
    private mutating func total(of state: DeliveryState) throws(StoreError) -> Int64 {
        let row = try prepared("SELECT deliveries FROM tally WHERE state = ?").bind(1, Int64(state.rawValue))
        defer { row.reset() }
        return try row.step() ? row.int(0) : 0
    }

    private mutating func prepared(_ sql: String) throws(StoreError) -> Statement {
        if let statement = statements[sql] { return statement }
        let statement = try Statement(sql, on: db)
        statements[sql] = statement
        return statement
    }
}
