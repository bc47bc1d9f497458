import CLibpq
import Threads

/// A connection to PostgreSQL in libpq's pipeline mode: many statements are sent before the first answer is read.
///
/// All calls block their thread, and only one thread may use the connection at a time. ``ConnectionPool`` gives each
/// connection a thread of its own. After an error for which ``PostgresError/isConnectionLost`` is true, or after a commit
/// whose outcome is unknown, the connection is closed and stays closed.
public final class PostgresConnection {
    /// What was sent and not yet answered.
    enum Pending {
        case prepare(PreparedStatement)
        case statement
        /// A statement whose result is not returned.
        case silent
    }

    let configuration: PostgresConfiguration
    /// Nil when the connection is closed.
    var handle: OpaquePointer?
    var pending: [Pending] = []
    /// The statements that the session knows, with the types of their parameters.
    var prepared: [PreparedStatement: [UInt32]] = [:]
    private var parameters = ParameterBuffer()
    let notices: NoticeCollector

    /// Connects, and sets what the session is configured with.
    ///
    /// - Parameter configuration: how to connect.
    /// - Throws: `PostgresError` of kind `connectionLost` when no server that the URL names accepts the connection.
    public init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        notices = NoticeCollector(limit: configuration.maxNotices)
        handle = try Self.connect(configuration)
        notices.attach(to: handle)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw lost("set up") }
        for (name, value) in configuration.sessionSettings { try send(.set, name, value) }
        try sync()
    }

    deinit { PQfinish(handle) }

    /// Closes the connection. The server rolls back what was not committed.
    public func close() {
        PQfinish(handle)
        handle = nil
        pending = []
        prepared = [:]
    }

    /// Whether statements can be sent.
    public var isOpen: Bool { handle != nil }

    /// Whether the connection is open, and outside a transaction with nothing to be answered.
    public var isIdle: Bool { pending.isEmpty && handle != nil && PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// The process that serves this session, as in `pg_stat_activity`.
    public var backendProcessID: Int { Int(PQbackendPID(handle)) }

    /// The server's version, such as 150018 for 15.18.
    public var serverVersion: Int { Int(PQserverVersion(handle)) }

    /// The host that was chosen from those in the URL.
    public var host: String { PQhost(handle).map { String(cString: $0) } ?? "" }

    /// Takes the notices that arrived since the last call.
    ///
    /// - Returns: the notices, in order.
    public func takeNotices() -> [PostgresNotice] { notices.take() }

    // MARK: Statements

    /// Sends a statement with its parameters. ``sync()`` returns its result.
    ///
    /// - Parameters:
    ///   - statement: prepared at its first use.
    ///   - values: `$1` and so on. Their types are those with which the statement was first sent.
    /// - Throws: `PostgresError` when the connection is lost, or when the statement was prepared with other types.
    public func send<each Value: PostgresParameter>(
        _ statement: PreparedStatement, _ values: repeat each Value
    ) throws(PostgresError) {
        parameters.removeAll()
        repeat parameters.add(each values)
        try prepare(statement)
        let sent = parameters.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(handle, statement.name, count, values, lengths, formats, 1)
        }
        guard sent == 1 else { throw lost("send a statement") }
        pending.append(.statement)
    }

    private func prepare(_ statement: PreparedStatement) throws(PostgresError) {
        guard handle != nil else { throw Self.closed }
        if let types = prepared[statement] {
            guard types == parameters.types else {
                throw PostgresError(
                    .usage, "The statement \(statement.name) was prepared with parameters of other types.")
            }
            return
        }
        let sent = parameters.types.withUnsafeBufferPointer {
            PQsendPrepare(handle, statement.name, statement.sql, Int32($0.count), $0.baseAddress)
        }
        guard sent == 1 else { throw lost("prepare a statement") }
        prepared[statement] = parameters.types
        pending.append(.prepare(statement))
    }

    /// Sends what is buffered, so that the server begins with it. Its results are read later, by ``sync()``.
    ///
    /// - Throws: `PostgresError` when the connection is lost.
    public func flush() throws(PostgresError) { try flush(until: answerDeadline) }

    /// Ends the pipeline and reads the results of all statements since the last call.
    ///
    /// After an error the server skips the rest of the pipeline, and within a transaction everything until ROLLBACK.
    ///
    /// - Returns: the results, in the order of the statements.
    /// - Throws: the first `PostgresError`.
    @discardableResult
    public func sync() throws(PostgresError) -> [QueryResult] {
        try sync(until: answerDeadline)
    }

    /// Sends one statement and reads its result, and those of all statements that were sent before.
    ///
    /// - Parameters:
    ///   - statement: prepared at its first use.
    ///   - values: `$1` and so on.
    /// - Returns: the statement's result.
    /// - Throws: `PostgresError` when the statement, or one before it, failed.
    @discardableResult
    public func query<each Value: PostgresParameter>(
        _ statement: PreparedStatement, _ values: repeat each Value
    ) throws(PostgresError) -> QueryResult {
        try send(statement, repeat each values)
        guard let last = try sync().last else {
            throw PostgresError(.usage, "The statement \(statement.name) gave no result.")
        }
        return last
    }

    /// When the answers to what is pending are late. The server limits each statement.
    var answerDeadline: MonotonicTime? {
        let timeout = configuration.statementTimeout
        guard timeout > .zero else { return nil }
        let limit = timeout.wholeMilliseconds * max(1, pending.count) + configuration.answerGrace.wholeMilliseconds
        return .now().advanced(byMilliseconds: limit)
    }

    // MARK: Errors

    static let closed = PostgresError(.connectionLost, "The connection to the database is closed.")

    /// Closes the connection after an error of libpq.
    func lost(_ what: String) -> PostgresError {
        guard let handle else { return Self.closed }
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        close()
        return PostgresError(
            .connectionLost, "The connection to the database was lost while trying to \(what).", detail: text.firstLine)
    }
}
