/// What became of a transaction.
public enum TransactionOutcome<Value> {
    /// Everything was written, as durably as the session's `synchronous_commit` asks for.
    case committed(Value)
    /// Nothing was written. The error is the server's, or what the transaction's body threw.
    case rolledBack(any Error)
    /// The answer to COMMIT was lost, or came with a warning. Everything was written, or nothing was, or what was
    /// written may still be lost with the server. Read back by key, over a new connection, to learn which.
    case unknown(PostgresError)
}

extension TransactionOutcome: Sendable where Value: Sendable {}
