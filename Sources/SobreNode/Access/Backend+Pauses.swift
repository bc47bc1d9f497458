import SobreClient
public import SobreModel
public import SobreStore
public import SobreWire

extension Backend {
    /// Pauses sending in the name of the author of the task, who is the local user.
    ///
    /// - Parameter order: what to pause.
    /// - Returns: the pause; nil when there are as many as the store allows.
    /// - Throws: an error of the client or of the store.
    public func pause(_ order: PauseOrder) async throws -> SendingPause? {
        switch self {
        case .server(let client): try await client.pause(order)
        case .store(let store, _):
            try await store.pause(
                order.filter, until: order.until, reason: order.reason,
                by: (Author.current ?? .command()).name)?.pause
        }
    }

    /// Lifts a pause.
    ///
    /// - Parameter id: the pause.
    /// - Returns: the pause that was lifted; nil when none with this id is in force.
    /// - Throws: an error of the client or of the store.
    public func resume(_ id: Int64) async throws -> SendingPause? {
        switch self {
        case .server(let client): try await client.resume(id)
        case .store(let store, _): try await store.resume(id)
        }
    }

    /// The pauses in force, oldest first.
    public func pauses() async throws -> [PauseStatus] {
        switch self {
        case .server(let client): try await client.pauses()
        case .store(let store, _): try await store.pauses(at: SystemTime().now())
        }
    }
}
