import Files
import SobreAdmission
import SobreIntake
import SobreModel
import SobreNode
import SobreRendering
import SobreSQLite
import SobreSettings
import SobreStore
import ZoneInfo

/// How a command that changes something gets in: through the server that owns the data directory, or, when nobody owns
/// it, by owning it for as long as the command runs.
enum Backend {
    case server(ServerClient)
    case store(SQLiteStore, Intake)

    /// Finds the way in.
    static func open(_ settings: Settings, environment: Environment = .process) async throws -> Backend {
        guard let store = try SQLiteStore.openUnlessOwned(directory: settings.data.directory) else {
            return .server(ServerClient(owning: settings, environment: environment))
        }
        do {
            let text = try TextFile.readText(settings.paths.policy, atMost: 1 << 20)
            let policy = try Policy.parse(text: text, file: FilePath.forDisplay(settings.paths.policy), zones: .system)
            let templates = try TemplateCatalogue(root: settings.paths.templates)
            let catalogue = NodeCatalogue(templates: templates, policy: PolicyInForce(policy))
            return .store(store, Intake(store: store, catalogue: catalogue))
        } catch {
            await store.close()
            throw error
        }
    }

    /// Finds the way in, uses it, and closes it whatever happens.
    static func using<Result>(
        _ settings: Settings, _ body: (Backend) async throws -> Result
    ) async throws -> Result {
        let backend = try await open(settings)
        do {
            let result = try await body(backend)
            await backend.close()
            return result
        } catch {
            await backend.close()
            throw error
        }
    }

    func close() async {
        switch self {
        case .server(let client): await client.close()
        case .store(let store, _): await store.close()
        }
    }
}

extension ServerClient {
    /// Talks to the server that owns the data directory: where its mark says that it listens, else where the settings say.
    init(owning settings: Settings, environment: Environment = .process) {
        let usual = "http://\(settings.server.host):\(settings.server.port)"
        let mark = ServerMark(directory: settings.data.directory)
        self.init(url: mark.url ?? usual, key: environment["SOBRE_API_KEY"] ?? mark.ownerKey)
    }
}

extension SQLiteStore {
    /// Takes possession of a data directory; nil when another process owns it.
    static func openUnlessOwned(directory: String) throws -> SQLiteStore? {
        do {
            return try open(directory: directory)
        } catch {
            if error.code == .locked { return nil }
            throw error
        }
    }
}
