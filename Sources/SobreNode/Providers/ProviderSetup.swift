import Files
import Glibc
public import SobreDelivery
public import SobreModel
public import SobreProviders
public import SobreSettings
import YAMLDocument

/// Turns configured providers into the router's members. A provider that cannot be set up (a missing secret, say) does not
/// stop the others: its messages are held with the reason until an operator has fixed it.
public struct ProviderSetup {
    /// Made of the folder's manifests, which are read once.
    public let factory: ProviderFactory
    public private(set) var members: [Router.Member] = []
    public private(set) var routes: [Channel: [String]]
    /// Channels left without any usable provider, and why.
    public private(set) var broken: [Channel: String] = [:]
    /// Every provider that could not be set up, by name.
    public private(set) var faults: [String: String] = [:]

    /// - Throws: `YAMLError` when a manifest or the settings cannot be read.
    public init(settings: Settings, environment: Environment) throws {
        let manifests = try Self.manifests(in: settings.paths.providers)
        let source = SecretSource(environment: { environment[$0] }, file: SecretSource.process.file)
        factory = ProviderFactory(manifests: manifests, secrets: source)
        var channels: [String: Channel] = [:]
        // One that hangs must not take every place there is, nor let calls wait beyond what one host is given at once.
        let share = max(1, min(settings.dispatch.inFlight / 2, settings.httpClient.maxPerHost))
        for instance in settings.providers {
            do {
                let product = try factory.make(instance)
                channels[instance.name] = product.provider.channel
                members.append(
                    Router.Member(
                        provider: product.provider,
                        limits: CallLimits(
                            rate: product.limits.rate, burst: product.limits.burst ?? 1,
                            concurrency: product.limits.concurrency ?? share),
                        health: instance.health))
            } catch { faults[instance.name] = "\(error)" }
        }
        routes = settings.routes
        // Without routes the providers serve in the order of the file.
        for instance in settings.providers {
            guard let channel = channels[instance.name], settings.routes[channel] == nil else { continue }
            routes[channel, default: []].append(instance.name)
        }
        for channel in Channel.allCases {
            let usable = (routes[channel] ?? []).contains { channels[$0] == channel }
            let reasons = (settings.routes[channel] ?? settings.providers.map(\.name)).compactMap { faults[$0] }
            if !usable, !reasons.isEmpty { broken[channel] = reasons.joined(separator: " ") }
        }
    }

    /// Every manifest of a folder, in the order of their names.
    public static func manifests(in folder: String) throws -> [Manifest] {
        var manifests: [Manifest] = []
        for name in try fileNames(in: folder) where name.hasSuffix(".yaml") {
            let path = "\(folder)/\(name)"
            manifests += try Manifest.parseAll(text: try TextFile.readText(path), file: FilePath.forDisplay(path))
        }
        return manifests
    }

    private static func fileNames(in folder: String) throws -> [String] {
        do { return try Folder.names(in: folder) } catch {
            throw SettingsError("The folder of provider manifests, \(folder), cannot be read; set paths.providers.")
        }
    }
}
