/// A message of the server that is not an error, such as a warning.
public struct PostgresNotice: Hashable, Sendable {
    /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`, in English whatever the server's language.
    public var severity: String
    public var sqlState: SQLState
    public var message: String
    public var detail: String?

    public init(severity: String, sqlState: SQLState, message: String, detail: String? = nil) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
    }

    public var isWarning: Bool { severity == "WARNING" }
}
