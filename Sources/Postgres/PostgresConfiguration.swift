public import Text

/// How connections are made.
///
/// The value is not printed, because the URL may contain a password.
public struct PostgresConfiguration: Hashable, Sendable, Redacted {
    /// A libpq connection string: `postgresql://user@host1:5432,host2:5432/database?target_session_attrs=read-write`, or
    /// `host=… dbname=…`. All parameters of libpq may be used, and its environment variables and password file apply.
    public var url: String
    /// Shown in `pg_stat_activity`.
    public var applicationName: String
    /// For each address that the host names stand for, in whole seconds; libpq waits at least 2.
    public var connectTimeout: Duration
    /// How long one statement may run on the server. Never applies to COMMIT. Zero: without a limit.
    public var statementTimeout: Duration
    /// How long a statement waits for a lock. Zero: without a limit.
    public var lockTimeout: Duration
    /// The server ends a session that does nothing for so long within a transaction, which frees its locks. Zero: never.
    public var idleInTransactionTimeout: Duration
    /// After so long without an acknowledgement of what was sent, the connection counts as lost. It also sets how long
    /// a silent connection stays unchecked.
    public var tcpTimeout: Duration
    /// How long after `statementTimeout` an answer is still waited for, because it may be on its way.
    public var answerGrace: Duration
    /// At most so many notices are kept between two calls of ``PostgresConnection/takeNotices()``; later ones are
    /// dropped.
    public var maxNotices: Int
    /// Further settings of the session, such as `synchronous_commit`.
    public var settings: [String: String]

    public init(
        url: String, applicationName: String, connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(30), lockTimeout: Duration = .seconds(5),
        idleInTransactionTimeout: Duration = .seconds(10), tcpTimeout: Duration = .seconds(10),
        answerGrace: Duration = .seconds(5), maxNotices: Int = 100, settings: [String: String] = [:]
    ) {
        self.url = url
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.tcpTimeout = tcpTimeout
        self.answerGrace = answerGrace
        self.maxNotices = maxNotices
        self.settings = settings
    }
}
