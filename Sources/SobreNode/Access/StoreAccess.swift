import Files
public import SobreAdmission
public import SobreClient
import SobreIntake
import SobreProviders
public import SobreModel
import SobreRendering
public import SobreSettings
public import SobreStore
import ZoneInfo

/// Gives commands access to the data that the settings name.
///
/// Reading never opens the data for writing, so it works beside the process that owns them. Changes go through the
/// server that owns the data. When no process owns them, the command opens them itself while it makes the change.
public struct StoreAccess: Sendable {
    /// The settings that name the data.
    public let settings: Settings
    private let location: any StoreLocation
    let environment: Environment

    /// - Parameters:
    ///   - settings: name the data directory.
    ///   - environment: may contain an API key.
    public init(_ settings: Settings, environment: Environment = .process) {
        self.settings = settings
        self.environment = environment
        location = settings.storeLocation()
    }

    /// Where the credentials of providers are found.
    var secretSource: SecretSource { SecretSource(environment) }

    /// Whether there is data.
    public var hasData: Bool { location.hasData }

    /// Whether a process owns the data now.
    public var isOwned: Bool { location.isOwned }

    /// The free space in bytes; nil when it is not known.
    public var room: Int? { location.room }

    /// A client for the running server with its owner's key; nil when no server has left its address.
    public var server: ServerClient? {
        let mark = RunningServerFiles(directory: settings.data.directory)
        return mark.url.map { ServerClient(url: $0, key: mark.ownerKey) }
    }

    /// Makes the checks of a start on the data, as far as they change nothing.
    func check() throws(StoreError) { try location.check() }

    /// How many commits that were acknowledged the data lack.
    func lostCommits() async -> Int { await location.lostCommits() }

    /// Opens the data for reading and closes them afterwards, also when `body` throws.
    ///
    /// - Parameter body: reads the data.
    /// - Returns: what `body` returns.
    /// - Throws: ``NoDataError`` when there is no data; any error of `body`.
    public func read<Result>(_ body: (any StoreReader) async throws -> Result) async throws -> Result {
        guard hasData else { throw NoDataError(directory: shownDirectory) }
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

    /// Opens the data for changes, directly or through the server, and closes them afterwards, also when `body` throws.
    /// The changes are made in the name of the user, unless the task has another author.
    ///
    /// - Parameters:
    ///   - creates: whether data are made where there are none.
    ///   - body: changes them.
    /// - Returns: what `body` returns.
    /// - Throws: ``NoDataError`` when there are none and none are to be made; what `body` throws.
    public func change<Result>(
        creating creates: Bool = false, _ body: (Backend) async throws -> Result
    ) async throws -> Result {
        guard creates || hasData else { throw NoDataError(directory: shownDirectory, canCreate: true) }
        let backend = try await open()
        do {
            let author = Author.current ?? .command()
            let result = try await Author.$current.withValue(author) { try await body(backend) }
            await backend.close()
            return result
        } catch {
            await backend.close()
            throw error
        }
    }

    private var shownDirectory: String { FilePath.forDisplay(settings.data.directory) }

    private func open() async throws -> Backend {
        let store: any Store
        do throws(StoreError) {
            store = try location.open(time: SystemTime())
        } catch {
            guard error.code == .locked else { throw error }
            return .server(ServerClient(owning: settings, environment: environment))
        }
        do {
            let templates = try settings.templateCatalogue()
            let catalogue = NodeCatalogue(templates: templates, policy: PolicyInForce(try settings.readPolicy()))
            return .store(store, Intake(store: store, catalogue: catalogue))
        } catch {
            await store.close()
            throw error
        }
    }

    /// Asks for live state: the server if one owns the data, else the data themselves, opened for reading.
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

    /// Why a policy may not take the place of the one in force here, as it is in force, or as its text.
    ///
    /// - Throws: `StoreError` when the data cannot be read.
    public func objection(to policy: Policy, text: String) async throws -> PolicyObjection? {
        try await objection(to: PolicyFile(text: text, policy: policy))
    }

    /// Why a policy may not take the place of the one in force here.
    ///
    /// - Parameter file: the policy.
    /// - Returns: nil: it may, or there are no data yet.
    /// - Throws: `StoreError` when the data cannot be read.
    public func objection(to file: PolicyFile) async throws -> PolicyObjection? {
        guard hasData else { return nil }
        return file.objection(replacing: try await read { try await $0.policyInForce() })
    }

    /// Copies the data and the key of signed links into a new folder. Works while a server is running.
    ///
    /// - Parameter folder: the folder to copy to.
    /// - Returns: the names of the files and the size of each in bytes. The key file is included only if there is one.
    /// - Throws: ``NoDataError`` when there is no data; otherwise an error of the copy, after which the new files are
    ///   removed.
    public func copy(to folder: String) throws -> [(name: String, bytes: Int)] {
        guard hasData else { throw NoDataError(directory: shownDirectory) }
        var files = [try location.copy(to: folder)]
        do {
            // When there is no key file, the settings name the key (links.secret).
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
    public func readPolicy() throws -> Policy { try PolicyFile(self).policy }
}
