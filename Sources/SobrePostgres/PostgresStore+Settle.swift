import Postgres
public import SobreModel
public import SobreStore
import SobreStoreColumns

extension PostgresStore {
    @discardableResult
    public func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool] {
        if transitions.isEmpty { return [] }
        let results = try await transact { connection in try self.settle(transitions, connection) }
        claims.end(transitions.map(\.claim))
        work.signal()
        return results
    }

    private func settle(_ transitions: [ClaimTransition], _ connection: PostgresConnection) throws -> [Bool] {
        let deliveries = transitions.map(\.claim.delivery)
        let buckets = Set(deliveries.map { Bucket.of($0.message) }).sorted()
        try connection.send(QueueTransaction.lock, buckets)
        try connection.send(QueueTransaction.items, buckets, deliveries.map(\.rawValue))
        try connection.send(QueueTransaction.drawNumbers, transitions.count)
        let (now, all) = try clock.read(connection)
        let results = Array(all.suffix(3))
        let terms = try BucketLeases.terms(results[0], of: incarnation)
        var items = try QueueItem.byDelivery(results[1])
        let transaction = QueueTransaction(connection, now: now, numbers: try results[2].map { try $0.int(0) })
        let answers = try transitions.map { transition in
            let change = transition.change
            guard let held = claims.find(transition.claim), held.until > now, terms[held.item.bucket] == held.term,
                let item = items[held.item.delivery], item.isSame(as: held.item)
            else { return false }
            guard item.state.mayBecome(change.state), change.next != .sent else {
                throw StoreError(
                    .internal, "A delivery cannot go from \(item.state) to \(change.state) when its claim is settled.")
            }
            try transaction.end(item, change.entry(of: item.delivery, at: now))
            items[item.delivery] = nil
            return true
        }
        try transaction.writer.send(connection)
        return answers
    }
}

extension QueueItem {
    static func byDelivery(_ rows: QueryResult) throws -> [DeliveryID: QueueItem] {
        var items: [DeliveryID: QueueItem] = [:]
        for row in rows {
            let item = try read(row)
            items[item.delivery] = item
        }
        return items
    }
}

extension BucketLeases {
    /// The epochs of those of the locked buckets that a node holds.
    static func terms(_ rows: QueryResult, of node: NodeIncarnation) throws -> [Int: Int64] {
        var terms: [Int: Int64] = [:]
        for row in rows where try row.int(1) == node.rawValue { terms[Int(try row.int(0))] = try row.int(2) }
        return terms
    }
}
