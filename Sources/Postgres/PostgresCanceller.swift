import CLibpq

/// Cancels what runs on a connection, from any thread.
///
/// `@unchecked Sendable` is right: libpq never changes a `PGcancel`, and `PQcancel` may be called from any thread.
public final class PostgresCanceller: @unchecked Sendable {
    private let handle: OpaquePointer

    init?(_ connection: OpaquePointer?) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit { PQfreeCancel(handle) }

    /// Asks the server to cancel the statement that it runs. It fails with SQLSTATE 57014 then, unless it has ended.
    ///
    /// Blocks while it connects to the server. Never cancel a COMMIT: the server would answer it as a success before a
    /// standby has it.
    ///
    /// - Returns: whether the request was sent.
    @discardableResult
    public func cancel() -> Bool {
        var reason = [CChar](repeating: 0, count: 256)
        return PQcancel(handle, &reason, Int32(reason.count)) == 1
    }
}

extension PostgresConnection {
    /// Cancels what this connection runs. Valid until the connection is closed; later it has no effect.
    public var canceller: PostgresCanceller? { PostgresCanceller(handle) }
}
