import Files
public import SobreAdmission
public import SobreClient
import SobreIntake
public import SobreModel
import SobreRendering
public import SobreSettings
public import SobreStore
import ZoneInfo

/// How commands reach the data that the settings name.
///
/// Reading never opens them for writing: it goes beside the process that owns them. What is to be changed goes through the
/// server that owns the data, or, when nobody does, owns them while it is changed.
public struct StoreAccess: Sendable {
    /// The settings that name the data.
    public let settings: Settings
    private let location: any StoreLocation
    private let environment: Environment

    /// - Parameters:
    ///   - settings: where the data are.
    ///   - environment: where an API key may stand.
    public init(_ settings: Settings, environment: Environment = .process) {
        self.settings = settings
        self.environment = environment
        location = settings.storeLocation()
    }

    /// Whether there are data.
    public var hasData: Bool { location.hasData }

    /// Whether some process owns the data now.
    public var isOwned: Bool { location.isOwned }

    /// The bytes that may still be written; nil when that is not known.
    public var room: Int? { location.room }

    /// The running server as its owner reaches it; nil when none has left its address.
    public var server: ServerClient? {
        let mark = ServerMark(directory: settings.data.directory)
        return mark.url.map { ServerClient(url: $0, key: mark.ownerKey) }
    }

    /// Reads the data, and closes them whatever happens.
    ///
    /// - Throws: ``NoData`` when there are none; what `body` throws.
    public func read<Result>(_ body: (any StoreReader) async throws -> Result) async throws -> Result {
        guard hasData else { throw NoData(directory: FilePath.forDisplay(settings.data.directory)) }
        let reader = try location.openForReading()
        do {
            let result = try await body(reader)
            await reader.close()
            return result
        } catch {
            await reader.close()
            throw error
        }
    }

    /// Changes the data, and lets go of them whatever happens.
    public func change<Result>(_ body: (Backend) async throws -> Result) async throws -> Result {
        let backend = try await open()
        do {
            let result = try await body(backend)
            await backend.close()
            return result
        } catch {
            await backend.close()
            throw error
        }
    }

    private func open() async throws -> Backend {
        let store: any Store
        do throws(StoreError) {
            store = try location.open(time: SystemTime())
        } catch {
            guard error.code == .locked else { throw error }
            return .server(ServerClient(owning: settings, environment: environment))
        }
        do {
            let templates = try TemplateCatalogue(root: settings.paths.templates)
            let catalogue = NodeCatalogue(templates: templates, policy: PolicyInForce(try settings.readPolicy()))
            return .store(store, Intake(store: store, catalogue: catalogue))
        } catch {
            await store.close()
            throw error
        }
    }

    /// What knows the live state of a person: the server that owns the data, else the data themselves, read only.
    public func ask<Result>(
        server: (ServerClient) async throws -> Result, reader: (any StoreReader) async throws -> Result
    ) async throws -> Result {
        guard isOwned else { return try await read(reader) }
        let client = ServerClient(owning: settings, environment: environment)
        do {
            let result = try await server(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }

    /// Copies the data and the key of signed links into a new folder, also while a server works.
    ///
    /// - Returns: the files' names with the bytes of each; the key's file only where there is one.
    public func copy(to folder: String) throws -> [(name: String, bytes: Int)] {
        guard hasData else { throw NoData(directory: FilePath.forDisplay(settings.data.directory)) }
        var files = [try location.copy(to: folder)]
        do {
            // Without it the settings name the key (links.secret).
            let key = "\(settings.data.directory)/\(LinkMaker.fileName)"
            if TextFile.exists(key) {
                let text = try TextFile.readText(key)
                try TextFile.replace("\(folder)/\(LinkMaker.fileName)", with: text)
                files.append((LinkMaker.fileName, text.utf8.count))
            }
        } catch {
            for file in files { _ = TextFile.remove("\(folder)/\(file.name)") }
            throw error
        }
        return files
    }
}

extension Settings {
    /// Reads the policy from its file, without a version.
    public func readPolicy() throws -> Policy {
        let text = try TextFile.readText(paths.policy, atMost: 1 << 20)
        return try Policy.parse(text: text, file: FilePath.forDisplay(paths.policy), zones: .system)
    }
}
