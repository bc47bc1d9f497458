public import SobreDelivery
public import SobreModel
public import SobreProviders
import SobreRendering
public import SobreSettings
import YAMLDocument

/// Turns configured providers into the router's members. A provider that cannot be set up, for example because a secret
/// is missing, does not stop the others. Its messages are held with the reason until an operator fixes it.
public struct ProviderSetup: Sendable {
    /// Built from the folder's manifests, which are read once.
    public let factory: ProviderFactory
    public private(set) var members: [Router.Member] = []
    public private(set) var routes: [Channel: ProviderRoute]
    /// Channels without any usable provider, with the reason.
    public private(set) var broken: [Channel: String] = [:]
    /// Every provider that could not be set up, with the reason, by name.
    public private(set) var faults: [String: String] = [:]
    /// What an operator should know of providers that work, in sentences.
    public var notes: [String] { members.compactMap { noteByName[$0.provider.name] } }
    /// How the receipts of each provider are verified and read.
    private(set) var gates: [String: ReceiptGate] = [:]
    /// Providers whose receipts cannot be verified, with the reason.
    private(set) var receiptFaults: [String: String] = [:]
    private(set) var definitions: [String: ProviderDefinition] = [:]
    private var noteByName: [String: String] = [:]

    /// - Parameters:
    ///   - settings: name the providers, their routes and the folder of manifests.
    ///   - environment: where credentials may be.
    ///   - transport: fetches what receipts are verified with; nil: receipts are not verified here.
    /// - Throws: `YAMLError` when a manifest or the settings cannot be read.
    public init(settings: Settings, environment: Environment, transport: (any Transport)? = nil) throws {
        try self.init(settings: settings, environment: environment, transport: transport, keeping: nil)
    }

    /// - Parameters:
    ///   - settings: as in ``init(settings:environment:transport:)``.
    ///   - environment: where credentials may be.
    ///   - transport: fetches what receipts are verified with.
    ///   - earlier: the setup in force. Providers of the same definition are taken over from it with their tokens.
    /// - Throws: `YAMLError` when a manifest or the settings cannot be read.
    init(
        settings: Settings, environment: Environment, transport: (any Transport)?, keeping earlier: ProviderSetup?
    ) throws {
        let folder = try ManifestFolder(settings.paths.providers)
        let senders = Self.senders(of: settings)
        let secrets = SecretSource(environment)
        factory = ProviderFactory(manifests: folder.manifests, secrets: secrets, senders: senders)
        routes = settings.routes
        for instance in settings.providers {
            let channels =
                instance.channel.map { Set([$0]) } ?? folder.manifests.last { $0.name == instance.type }?.channels
            let definition = ProviderDefinition(
                instance, manifest: folder.texts[instance.type],
                senders: senders.filter { channels?.contains($0.key) ?? true }, secrets: secrets)
            definitions[instance.name] = definition
            let same = earlier.flatMap { $0.definitions[instance.name] == definition ? $0 : nil }
            add(instance, settings, same)
            addGate(instance, settings, transport, same)
        }
        addRoutes(settings)
    }

    private mutating func add(_ instance: ProviderInstance, _ settings: Settings, _ same: ProviderSetup?) {
        let name = instance.name
        do {
            let product = try factory.make(instance)
            noteByName[name] = product.note
            let kept = same?.members.first { $0.provider.name == name }?.provider
            let provider = kept ?? product.provider
            // A mail that waits for a connection has not begun.
            let isRelay = product.provider is SMTPProvider
            let connections = isRelay ? settings.mailClient.maxConnectionsPerRelay : .max
            // A provider that hangs must not take all places, and its calls must not wait for more than one host is
            // allowed at once.
            let share = max(1, min(settings.dispatch.inFlight / 2, settings.httpClient.maxPerHost))
            let concurrency = min(product.limits.concurrency ?? share, connections)
            members.append(
                Router.Member(
                    provider: provider,
                    limits: CallLimits(
                        rate: product.limits.rate, burst: product.limits.burst ?? 1, concurrency: concurrency,
                        ahead: Self.ahead(of: concurrency, settings.dispatch), isPipelined: isRelay),
                    health: instance.health))
        } catch { faults[name] = "\(error)" }
    }

    private mutating func addGate(
        _ instance: ProviderInstance, _ settings: Settings, _ transport: (any Transport)?, _ same: ProviderSetup?
    ) {
        // It remembers what was received, so that nothing counts twice.
        if let kept = same?.gates[instance.name] {
            gates[instance.name] = kept
            return
        }
        do {
            gates[instance.name] = try factory.receiptGate(
                instance, transport: transport, maxMailBytes: settings.receipts.maxMailBytes)
        } catch { receiptFaults[instance.name] = "\(error)" }
    }

    private mutating func addRoutes(_ settings: Settings) {
        let channels = Dictionary(members.map { ($0.provider.name, $0.provider.channel) }) { first, _ in first }
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

    /// The names of the providers that another setup defines in another way, or did not have.
    func changed(since earlier: ProviderSetup) -> Set<String> {
        Set(definitions.filter { earlier.definitions[$0.key] != $0.value }.keys)
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
    public static func manifests(in folder: String) throws -> [Manifest] { try ManifestFolder(folder).manifests }
}
