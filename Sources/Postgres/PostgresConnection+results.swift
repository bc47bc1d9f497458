import CLibpq
import Threads

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension PostgresConnection {
    /// Ends the pipeline and reads all results.
    ///
    /// - Parameters:
    ///   - deadline: when the answers count as lost; nil: never.
    ///   - beforeLast: called before the last statement's result is read.
    /// - Returns: the results, in the order of the statements.
    /// - Throws: the first `PostgresError`.
    func sync(until deadline: MonotonicTime?, beforeLast: () -> Void = {}) throws(PostgresError) -> [QueryResult] {
        guard let handle else { throw Self.closed }
        guard PQpipelineSync(handle) == 1 else { throw lost("end a pipeline") }
        var results: [QueryResult] = []
        results.reserveCapacity(pending.count)
        var failure: PostgresError?
        let sent = pending
        pending = []
        for (index, item) in sent.enumerated() {
            if index == sent.count - 1 { beforeLast() }
            let answer = try readAnswer(until: deadline)
            switch answer {
            case .success(let result): if case .statement = item { results.append(result) }
            case .failure(let error):
                // After the first error the server skips the others, so these are not prepared either.
                if case .prepare(let statement) = item { prepared[statement] = nil }
                if failure == nil { failure = error }
            }
        }
        let end = try nextResult(until: deadline)
        defer { PQclear(end) }
        guard PQresultStatus(end) == PGRES_PIPELINE_SYNC else { throw lost("read the end of a pipeline") }
        if let failure { throw conclude(failure) }
        return results
    }

    /// Closes the connection when an error ends the session, or when the session's plans no longer fit the tables.
    func conclude(_ error: PostgresError) -> PostgresError {
        if error.isConnectionLost || error.sqlState == .featureNotSupported || error.sqlState == .invalidStatementName {
            close()
        }
        return error
    }

    /// Reads the answer to one statement.
    private func readAnswer(until deadline: MonotonicTime?) throws(PostgresError) -> Result<QueryResult, PostgresError>
    {
        guard let first = try nextResult(until: deadline) else { throw lost("read a result") }
        let answer = classify(first)
        // Nothing else follows, because a prepared statement is one statement. Nil ends the answer.
        while let further = try nextResult(until: deadline) { PQclear(further) }
        return answer
    }

    private func classify(_ result: OpaquePointer) -> Result<QueryResult, PostgresError> {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return .success(QueryResult(result))
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return .failure(PostgresError(.server, "The statement was skipped, because one before it failed."))
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH, PGRES_EMPTY_QUERY:
            PQclear(result)
            return .failure(PostgresError(.usage, "COPY and empty statements cannot be prepared statements."))
        default:
            defer { PQclear(result) }
            return .failure(PostgresError(result: result))
        }
    }

    // MARK: Waiting

    /// Sends what is buffered and reads the next result. Nil ends the answer to a statement.
    func nextResult(until deadline: MonotonicTime?) throws(PostgresError) -> OpaquePointer? {
        try flush(until: deadline)
        while PQisBusy(handle) == 1 {
            try wait(for: Int16(POLLIN), until: deadline)
            guard PQconsumeInput(handle) == 1 else { throw lost("read a result") }
        }
        let result = PQgetResult(handle)
        if let result, PQstatus(handle) == CONNECTION_BAD {
            // The server's last words, such as "terminating connection due to administrator command".
            defer { PQclear(result) }
            let error = PostgresError(result: result)
            let libpq = lost("read a result")
            guard error.sqlState != nil else { throw libpq }
            throw error
        }
        return result
    }

    /// Sends what is buffered. Reads meanwhile, because the server may stop reading until its answers are read.
    func flush(until deadline: MonotonicTime?) throws(PostgresError) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: break
            default: throw lost("send statements")
            }
            if try wait(for: Int16(POLLIN | POLLOUT), until: deadline) & Int16(POLLIN) != 0 {
                guard PQconsumeInput(handle) == 1 else { throw lost("read a result") }
            }
        }
    }

    /// Waits until the socket is ready.
    @discardableResult
    func wait(for events: Int16, until deadline: MonotonicTime?) throws(PostgresError) -> Int16 {
        guard let handle else { throw Self.closed }
        var socket = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        while true {
            let milliseconds =
                deadline.map { Int32(min(MonotonicTime.now().milliseconds(until: $0), 86_400_000)) } ?? -1
            let ready = poll(&socket, 1, milliseconds)
            if ready > 0 { return socket.revents }
            if ready == 0 {
                close()
                throw PostgresError(.timeout, "The database did not answer in time, and the connection was closed.")
            }
            guard errno == EINTR else { throw lost("wait for the database") }
        }
    }

    /// Whether the connection still stands, as far as the system knows. Sends nothing and does not wait.
    ///
    /// - Returns: false when the other side has closed it; it is closed then.
    public func checkOpen() -> Bool {
        guard let handle else { return false }
        var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        if poll(&socket, 1, 0) == 0 { return true }
        if PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK { return true }
        close()
        return false
    }
}

extension PostgresError {
    /// The error that a result holds.
    init(result: OpaquePointer) {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        let severity = field(DiagnosticField.severity)
        let state = field(DiagnosticField.sqlState).map { SQLState(rawValue: $0) }
        let text = PQresultErrorMessage(result).flatMap { String(cString: $0).firstLine }
        self.init(
            state == nil ? .connectionLost : .server,
            field(DiagnosticField.message) ?? text ?? "The server gave no reason.", sqlState: state,
            detail: field(DiagnosticField.detail), hint: field(DiagnosticField.hint),
            constraint: field(DiagnosticField.constraint), isFatal: severity == "FATAL" || severity == "PANIC")
    }
}

/// The codes of an error's parts, which C has as macros of character constants (`PG_DIAG_…`).
enum DiagnosticField {
    /// In English, whatever the server's language.
    static let severity = Int32(UInt8(ascii: "V"))
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let message = Int32(UInt8(ascii: "M"))
    static let detail = Int32(UInt8(ascii: "D"))
    static let hint = Int32(UInt8(ascii: "H"))
    static let constraint = Int32(UInt8(ascii: "n"))
}
