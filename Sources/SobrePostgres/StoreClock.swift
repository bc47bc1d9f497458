import Postgres
import SobreModel

/// The clock by which the store stamps: that of the database's server, or one that is given.
enum StoreClock: Sendable {
    case server
    case source(any TimeSource)

    private static let time = PreparedStatement(
        "clock", "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8")

    /// The present time.
    ///
    /// Of two clocks of the server, `now()` is the time of BEGIN, which may long be over. This is the other one.
    ///
    /// - Parameter connection: reads the time, and the results of what was sent before.
    /// - Returns: the time, by this clock.
    /// - Throws: `PostgresError` when it, or a statement before it, failed.
    func now(_ connection: PostgresConnection) throws(PostgresError) -> Instant {
        try read(connection).now
    }

    /// The present time, and the results of all statements that were sent before it.
    func read(_ connection: PostgresConnection) throws(PostgresError) -> (now: Instant, results: [QueryResult]) {
        switch self {
        case .server:
            try connection.send(Self.time)
            var results = try connection.sync()
            guard let row = results.popLast()?.first else {
                throw PostgresError(.usage, "The database did not tell its time.")
            }
            return (Instant(milliseconds: try row.int(0)), results)
        case .source(let source):
            let results = try connection.sync()
            return (source.now(), results)
        }
    }
}
