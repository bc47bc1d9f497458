import Files
import SobreClient
import SobreSettings
public import SobreWire

extension StoreAccess {
    /// Lets the server that owns the data read its files again.
    ///
    /// - Returns: what was put in force.
    /// - Throws: `ClientError` when no server runs, or when a file is invalid, so that nothing was changed.
    public func reload() async throws -> ReloadReport {
        guard isOwned else { throw noServer }
        return try await change { backend in
            guard case .server(let client) = backend else { throw noServer }
            return try await client.reload()
        }
    }

    /// Asks the server that owns the data how it does.
    ///
    /// - Returns: its state.
    /// - Throws: `ClientError` when no server runs or answers.
    public func condition() async throws -> NodeCondition {
        guard isOwned else { throw noServer }
        return try await change { backend in
            guard case .server(let client) = backend else { throw noServer }
            return try await client.condition()
        }
    }

    private var noServer: ClientError {
        ClientError(
            .unavailable,
            "No server is running on \(FilePath.forDisplay(settings.data.directory)). sobre serve starts one and reads all files; "
                + "sobre doctor checks them.")
    }
}
