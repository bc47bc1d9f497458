public import SobreClient
import SobreHTTP
public import SobreIntake
public import SobreModel
import SobreSettings
public import SobreStore
public import SobreWire

/// How a command changes data: through the server that owns them, or, when no process owns them, by opening them itself
/// for as long as the command runs. Both make the same checks and have the same effects.
public enum Backend: Sendable {
    case server(ServerClient)
    case store(any Store, Intake)

    /// Closes the connection, or closes the store.
    public func close() async {
        switch self {
        case .server(let client): await client.close()
        case .store(let store, _): await store.close()
        }
    }
}

// MARK: Messages

extension Backend {
    /// Cancels the deliveries of a message that were not sent yet. Returns the states of all its deliveries in order,
    /// or nil when there is no such message.
    public func cancel(_ id: MessageID) async throws -> [(delivery: DeliveryID, state: String)]? {
        switch self {
        case .server(let client): try await client.cancel(id)
        case .store(let store, _):
            try await store.cancel(id)?.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
        }
    }

    /// Queues the failed deliveries of a message once more.
    ///
    /// - Parameter id: the message.
    /// - Returns: the states of all its deliveries in order, or nil when there is no such message.
    /// - Throws: an error of the client or of the store.
    public func retry(_ id: MessageID) async throws -> [(delivery: DeliveryID, state: String)]? {
        switch self {
        case .server(let client): try await client.retry(id)
        case .store(let store, _):
            try await store.retry(id)?.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
        }
    }
}

extension Backend {
    /// Carries out one part of an order to retry or to cancel what matches a filter.
    ///
    /// - Parameters:
    ///   - order: the order.
    ///   - cursor: where the part before ended; nil for the first one.
    ///   - limit: the number of messages to look at.
    /// - Returns: what was done, and where the next part begins.
    /// - Throws: an error of the client or of the store.
    public func carryOut(
        _ order: StateOrder, after cursor: StateCursor?, limit: Int
    ) async throws -> StateOrderStep {
        switch self {
        case .server(let client): try await client.carryOut(order, after: cursor, limit: limit)
        case .store(let store, let intake):
            try await order.step(
                on: store, after: cursor, limit: min(limit, intake.limits.maxStateChanges), now: SystemTime().now())
        }
    }
}

// MARK: API keys

extension Backend {
    /// Creates an API key and returns it. It cannot be read again later.
    public func make(key order: APIKeyOrder) async throws -> String {
        switch self {
        case .server(let client): return try await client.make(key: order)
        case .store(let store, _):
            let key = APIKey.generate()
            try await store.add(
                key: key.record(
                    label: order.label, scopes: order.scopes, createdAt: SystemTime().now(), expiresAt: order.expiresAt)
            )
            return key.secret
        }
    }

    /// All API keys. Their hashes may be empty.
    public func keys() async throws -> [APIKeyRecord] {
        switch self {
        case .server(let client): try await client.keys()
        case .store(let store, _): try await store.keys()
        }
    }

    /// Revokes an API key. Returns false when there is no such key.
    public func revoke(key id: String) async throws -> Bool {
        switch self {
        case .server(let client): try await client.revoke(key: id)
        case .store(let store, _): try await store.revoke(key: id)
        }
    }
}
