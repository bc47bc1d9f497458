import Postgres
import PostgresTestServer

/// A connection to a new, empty database of the shared server.
struct TestConnection {
    let server: PostgresTestServer
    let configuration: PostgresConfiguration
    let connection: PostgresConnection

    init(_ change: (inout PostgresConfiguration) -> Void = { _ in }) throws {
        server = try .shared()
        var configuration = server.configuration(try server.makeDatabase())
        change(&configuration)
        self.configuration = configuration
        connection = try PostgresConnection(configuration)
    }

    /// Another session of the same database.
    func another() throws -> PostgresConnection { try PostgresConnection(configuration) }
}

extension TransactionOutcome {
    /// The error of a transaction that was rolled back.
    var rollbackError: PostgresError? {
        if case .rolledBack(let error) = self { error as? PostgresError } else { nil }
    }

    var committedValue: Value? { if case .committed(let value) = self { value } else { nil } }

    var unknownError: PostgresError? { if case .unknown(let error) = self { error } else { nil } }
}
