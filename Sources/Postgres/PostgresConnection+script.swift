import CLibpq

extension PostgresConnection {
    /// Runs statements that are written in one text and take no parameters, such as those of a migration.
    ///
    /// Outside a transaction the server runs them all in one of their own.
    ///
    /// - Parameter sql: statements, separated by semicolons.
    /// - Throws: the first `PostgresError`. No later statement was run then.
    public func run(script sql: String) throws(PostgresError) {
        guard let handle else { throw Self.closed }
        // BEGIN may still be in the pipeline.
        if !pending.isEmpty { try sync() }
        guard PQexitPipelineMode(handle) == 1 else { throw lost("leave the pipeline mode") }
        guard PQsendQuery(handle, sql) == 1 else { throw lost("send a script") }
        var failure: PostgresError?
        while let result = try nextResult(until: nil) {
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
            default: failure = failure ?? PostgresError(result: result)
            }
            PQclear(result)
        }
        guard PQenterPipelineMode(handle) == 1 else { throw lost("enter the pipeline mode") }
        if let failure { throw conclude(failure) }
    }
}
