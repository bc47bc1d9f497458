import Files
import Glibc
public import SobreDelivery
public import SobreModel
public import SobreProviders
import SobreRendering
public import SobreSettings
import YAMLDocument

/// Turns configured providers into the router's members. A provider that cannot be set up, for example because a secret
/// is missing, does not stop the others. Its messages are held with the reason until an operator fixes it.
public struct ProviderSetup {
    /// Built from the folder's manifests, which are read once.
    public let factory: ProviderFactory
    public private(set) var members: [Router.Member] = []
    public private(set) var routes: [Channel: ProviderRoute]
    /// Channels without any usable provider, with the reason.
    public private(set) var broken: [Channel: String] = [:]
    /// Every provider that could not be set up, with the reason, by name.
    public private(set) var faults: [String: String] = [:]
    /// What an operator should know of providers that work, in sentences.
    public private(set) var notes: [String] = []

    /// - Throws: `YAMLError` when a manifest or the settings cannot be read.
    public init(settings: Settings, environment: Environment) throws {
        let manifests = try Self.manifests(in: settings.paths.providers)
        factory = ProviderFactory(
            manifests: manifests, secrets: SecretSource(environment), senders: Self.senders(of: settings))
        var channels: [String: Channel] = [:]
        // A provider that hangs must not take all places, and its calls must not wait for more than one host is allowed
        // at once.
        let share = max(1, min(settings.dispatch.inFlight / 2, settings.httpClient.maxPerHost))
        for instance in settings.providers {
            do {
                let product = try factory.make(instance)
                channels[instance.name] = product.provider.channel
                if let note = product.note { notes.append(note) }
                // A mail that waits for a connection has not begun.
                let isRelay = product.provider is SMTPProvider
                let connections = isRelay ? settings.mailClient.maxConnectionsPerRelay : .max
                let concurrency = min(product.limits.concurrency ?? share, connections)
                members.append(
                    Router.Member(
                        provider: product.provider,
                        limits: CallLimits(
                            rate: product.limits.rate, burst: product.limits.burst ?? 1, concurrency: concurrency,
                            ahead: Self.ahead(of: concurrency, settings.dispatch), isPipelined: isRelay),
                        health: instance.health))
            } catch { faults[instance.name] = "\(error)" }
        }
        routes = settings.routes
        // Without routes, providers are used in the order of the file.
        for instance in settings.providers {
            guard let channel = channels[instance.name], settings.routes[channel] == nil else { continue }
            routes[channel, default: []].append(instance.name)
        }
        for channel in Channel.allCases {
            let usable = (routes[channel] ?? []).names.contains { channels[$0] == channel }
            let reasons = (settings.routes[channel]?.names ?? settings.providers.map(\.name)).compactMap { faults[$0] }
            if !usable, !reasons.isEmpty { broken[channel] = reasons.joined(separator: " ") }
        }
    }

    /// What may be admitted ahead for a provider: it must not take more than half of all places together with its calls.
    private static func ahead(of concurrency: Int, _ limits: DispatchLimits) -> AheadBounds {
        AheadBounds(
            reach: min(limits.admitAhead, limits.guardTime / 2),
            most: max(0, min(limits.maxAhead, limits.inFlight / 2 - concurrency)))
    }

    /// By channel the address that messages without a sender of their own are sent from.
    private static func senders(of settings: Settings) -> [Channel: String] {
        var senders: [Channel: String] = [:]
        for channel in Channel.allCases {
            guard let text = settings.sender[channel] else { continue }
            senders[channel] = channel.sender == .mailbox ? Mailbox(parsing: text)?.address : text
        }
        return senders
    }

    /// All manifests in a folder, ordered by file name.
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
