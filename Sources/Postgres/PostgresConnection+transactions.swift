import Threads

extension PostgresConnection {
    /// Runs a transaction at READ COMMITTED.
    ///
    /// BEGIN goes out with the first pipeline of `body`, and COMMIT with what `body` sent and did not read. COMMIT has
    /// no timeout: a cancelled wait for a standby would be answered as a success.
    ///
    /// - Parameter body: sends and reads statements. When it throws, the transaction is rolled back.
    /// - Returns: what became of the transaction. After ``TransactionOutcome/unknown(_:)`` the connection is closed.
    public func transaction<Value>(_ body: () throws -> Value) -> TransactionOutcome<Value> {
        do {
            try begin(.begin)
            let value = try body()
            return commit(value)
        } catch {
            rollBack()
            return .rolledBack(error)
        }
    }

    /// Runs a read-only transaction in which all statements see the same state of the database.
    ///
    /// - Parameter body: reads.
    /// - Returns: what `body` returned.
    /// - Throws: what `body` threw, or `PostgresError`.
    public func snapshot<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            try begin(.beginReading)
            let value = try body()
            try query(.commit)
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    private func begin(_ statement: PreparedStatement) throws(PostgresError) {
        guard isOpen else { throw Self.closed }
        guard isIdle else {
            throw PostgresError(.usage, "A transaction cannot begin within another one or before results are read.")
        }
        try send(statement)
        pending[pending.count - 1] = .silent
    }

    private func commit<Value>(_ value: Value) -> TransactionOutcome<Value> {
        do throws(PostgresError) {
            if configuration.statementTimeout > .zero { try send(.unlimited) }
            try send(.commit)
        } catch {
            // COMMIT was not sent in full, so it cannot have been carried out.
            rollBack()
            return .rolledBack(error)
        }
        var isCommitting = false
        var warnings = 0
        do throws(PostgresError) {
            let results = try sync(until: nil) {
                isCommitting = true
                warnings = notices.warnings
            }
            guard notices.warnings == warnings else {
                close()
                return .unknown(warned())
            }
            guard results.last?.command == "COMMIT" else {
                return .rolledBack(
                    PostgresError(.server, "The server rolled the transaction back, because a statement failed."))
            }
            return .committed(value)
        } catch {
            // The COMMIT itself, or the connection while it ran.
            if error.isConnectionLost || (isCommitting && notices.warnings != warnings) {
                close()
                return .unknown(error)
            }
            rollBack()
            return .rolledBack(error)
        }
    }

    private func warned() -> PostgresError {
        let warning = notices.lastWarning
        return PostgresError(
            .connectionLost, "The server answered COMMIT with a warning: \(warning?.message ?? "").",
            sqlState: warning?.sqlState, detail: warning?.detail)
    }

    /// Ends the transaction, and closes the connection when that fails.
    private func rollBack() {
        if !isOpen || isIdle { return }
        do throws(PostgresError) {
            // An error of what is still in the pipeline is not the reason for the rollback.
            if !pending.isEmpty { _ = try? sync() }
            try query(.rollback)
        } catch {
            close()
        }
    }
}
