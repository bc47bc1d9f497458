import SobreClient
public import SobreModel
import SobreSettings
public import SobreStore
public import SobreWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Backend {
    /// Pauses sending in the name of the local user.
    ///
    /// - Parameter order: what to pause.
    /// - Returns: the pause; nil when there are as many as the store allows.
    /// - Throws: an error of the client or of the store.
    public func pause(_ order: PauseOrder) async throws -> SendingPause? {
        var order = order
        order.by = Self.user
        switch self {
        case .server(let client): return try await client.pause(order)
        case .store(let store, _):
            return try await store.pause(
                order.filter, until: order.until, reason: order.reason, by: order.by ?? "")?.pause
        }
    }

    /// Lifts a pause.
    ///
    /// - Parameter id: the pause.
    /// - Returns: the pause that was lifted; nil when none with this id is in force.
    /// - Throws: an error of the client or of the store.
    public func resume(_ id: Int64) async throws -> SendingPause? {
        switch self {
        case .server(let client): try await client.resume(id, by: Self.user)
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

    /// Who runs the command: behind sudo, the one who called it.
    private static var user: String {
        let environment = Environment.process
        let name = ["SUDO_USER", "LOGNAME", "USER"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        return "user \(name ?? "with id \(getuid())")"
    }
}
