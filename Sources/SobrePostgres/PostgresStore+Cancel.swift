import Postgres
public import SobreModel
public import SobreStore

extension PostgresStore: MessageStore {
    public func cancel(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        let author = Author.current
        let states = try await changeMessage(id) { transaction, message in
            try transaction.markCancelled(id)
            var states: [DeliveryID: DeliveryState] = [:]
            var cancelled = 0
            for delivery in message.deliveries {
                guard let last = try transaction.lastEntry(of: delivery) else { continue }
                let ended = try transaction.endWaiting(last, of: message, .cancelled, detail: author?.words ?? "")
                states[delivery] = ended?.state ?? last.state
                if ended != nil || last.state == .attempting { cancelled += 1 }
            }
            if cancelled > 0 { try Self.audit(.cancel, message, cancelled, by: author, transaction) }
            return states
        }
        if states != nil { changes.note(CollectionOfOne(.message(id))) }
        return states
    }

    public func retry(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        let author = Author.current
        let states = try await changeMessage(id) { transaction, message in
            var states: [DeliveryID: DeliveryState] = [:]
            var queued = 0
            for delivery in message.deliveries {
                guard let last = try transaction.lastEntry(of: delivery) else { continue }
                states[delivery] = last.state
                guard last.state == .failed,
                    try transaction.requeue(last, of: message, repeatingUnknown: false, by: author) == .changed
                else { continue }
                states[delivery] = .queued
                queued += 1
            }
            if queued > 0 { try Self.audit(.retry, message, queued, by: author, transaction) }
            return states
        }
        work.signal()
        return states
    }

    /// Changes the deliveries of a message under the lock of its bucket. Nil when there is no such message.
    private func changeMessage<Value: Sendable>(
        _ id: MessageID, _ body: @escaping @Sendable (QueueTransaction, Message) throws -> Value
    ) async throws(StoreError) -> Value? {
        try await transact { connection -> Value? in
            let transaction = try QueueTransaction.begin(id, self, connection)
            guard let message = try Self.message(id, connection) else { return nil }
            let value = try body(transaction, message)
            try transaction.writer.send(connection)
            return value
        }
    }

    private static func audit(
        _ action: AuditAction, _ message: Message, _ count: Int, by author: Author?, _ transaction: QueueTransaction
    ) throws(PostgresError) {
        try audit(
            transaction.connection, action, "message \(message.id)", about: .recipient(message.recipient),
            detail: "\(count) deliveries", by: author, at: transaction.now)
    }
}
