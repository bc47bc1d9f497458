public import SobreClient
import SobreHTTP
public import SobreIntake
public import SobreModel
public import SobreStore
public import SobreWire

/// How a command changes data: through the server that owns them, or, when nobody owns them, by owning them for as long as
/// the command runs. Both do the same, with the same checks.
public enum Backend: Sendable {
    case server(ServerClient)
    case store(any Store, Intake)

    /// Ends the connection, or gives the data up.
    public func close() async {
        switch self {
        case .server(let client): await client.close()
        case .store(let store, _): await store.close()
        }
    }
}

// MARK: Messages

extension Backend {
    /// Stops what still waits of a message. Returns where its deliveries stand, in their order; nil: there is no such
    /// message.
    public func cancel(_ id: MessageID) async throws -> [(delivery: DeliveryID, state: String)]? {
        switch self {
        case .server(let client): try await client.cancel(id)
        case .store(let store, _):
            try await store.cancel(id)?.map { ($0.key, $0.value.description) }.sorted { $0.0 < $1.0 }
        }
    }
}

// MARK: API keys

extension Backend {
    /// Makes an API key and returns it, this once.
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

    /// The API keys. Hashes may be empty.
    public func keys() async throws -> [APIKeyRecord] {
        switch self {
        case .server(let client): try await client.keys()
        case .store(let store, _): try await store.keys()
        }
    }

    /// Ends an API key. Returns false when there is no such key.
    public func revoke(key id: String) async throws -> Bool {
        switch self {
        case .server(let client): try await client.revoke(key: id)
        case .store(let store, _): try await store.revoke(key: id)
        }
    }
}
