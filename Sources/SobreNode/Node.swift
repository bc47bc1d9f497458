public import Curl
import Files
public import Logging
import SobreAdmission
import SobreDelivery
public import SobreDispatch
public import SobreIntake
public import SobreModel
import SobreProviders
public import SobreRendering
public import SobreSettings
public import SobreStore
import Threads
import ZoneInfo

/// One running Sobre without its interfaces: the store, the policy, the renderer and the pipeline between them. The
/// server, the demonstration and the commands that own the data directory all build it with the same code.
public struct Node: Sendable {
    let configuration: ConfigurationInForce
    public let store: any Store
    let policy: PolicyInForce
    let templates: TemplateCatalogue
    let renderer: ProductionRenderer
    let router: Router
    let connections: ProviderConnections
    public let dispatcher: Dispatcher
    public let intake: Intake
    let optOuts: OptOuts
    /// Who gets which events.
    let subscriptions: EventSubscriptions
    /// The logs that messages are taken from.
    let sources: SourceRegistry
    let time: any TimeSource
    /// What the data lacked at this start.
    let loss: DataLoss
    /// Files that changed and are not in force.
    let refusals = FileRefusals()
    let environment: Environment

    /// The settings in force.
    var settings: Settings { configuration.settings }

    /// Opens the data directory and builds all parts.
    ///
    /// - Parameters:
    ///   - settings: all paths and limits.
    ///   - read: the settings as they were read, where some bounds were lowered since; nil: none was.
    ///   - given: the clock for every decision; nil for the machine's clock, watched for jumps.
    ///   - isRestored: whether the data come from a backup. If so, messages that may have been sent since then are
    ///     held.
    ///   - logger: the log for problems found during setup and at runtime.
    ///   - environment: may contain secrets.
    /// - Returns: the node. It sends nothing until its dispatcher runs.
    /// - Throws: an error that says which file is wrong, what is wrong with it and what to do.
    public static func open(
        _ settings: Settings, read: Settings? = nil, time given: (any TimeSource)? = nil,
        isRestored: Bool = false, logger: Logger, environment: Environment = .process
    ) async throws -> Node {
        let time = given ?? SteadyClock(isSynchronised: KernelClock.isSynchronised)
        let stamp = ConfigurationStamp(of: settings)
        let file = try PolicyFile(settings)
        let templates = try settings.templateCatalogue()
        let connections = ProviderConnections(settings, carrying: settings.dispatch.inFlight)
        let providers = try ProviderSetup(
            settings: settings, environment: environment, transport: connections.transport)
        let configuration = ConfigurationInForce(
            .init(settings: settings, read: read ?? settings, setup: providers, stamp: stamp))
        let loss = DataLoss()
        let store = try await Self.openStore(settings, file, loss, time: time, logger: logger)
        let links = try LinkMaker(settings: settings, environment: environment)
        let version = try await store.register(policy: file.text)
        let policy = PolicyInForce(
            file.policy.with(version: version), text: file.text, restoredAt: isRestored ? time.now() : nil,
            stored: { version throws(StoreError) in
                guard let text = try await store.policy(version: version) else { return nil }
                return try? Policy.parse(text: text, file: "policy version \(version)", zones: .system)
                    .with(version: version)
            }, replyWindows: { configuration.replyWindows(templates) })
        let renderer = ProductionRenderer(
            templates: templates, links: links.messageLinks, options: settings.renderingOptions)
        let router = Router(
            members: providers.members, routes: providers.routes, broken: providers.broken,
            horizon: settings.dispatch.reserveAhead, recheck: settings.health.pause)
        for (channel, why) in providers.broken {
            logger.error("no provider for \(channel)", metadata: ["why": "\(why)"])
        }
        for (name, why) in providers.receiptFaults {
            logger.error("receipts cannot be verified", metadata: ["provider": "\(name)", "why": "\(why)"])
        }
        let subscriptions = EventSubscriptions(settings, environment: environment)
        for (_, why) in subscriptions.faults.sorted(by: { $0.key < $1.key }) {
            logger.error("a subscription gets no events", metadata: ["why": "\(why)"])
        }
        let dispatcher = Dispatcher(
            store: store, renderer: renderer, policy: policy, router: router, transport: connections.transport,
            settings: settings.dispatchSettings(configuration), time: time,
            logger: logger)
        let intake = Intake(
            store: store, messages: AcceptanceCounter(store, time: time),
            catalogue: NodeCatalogue(templates: templates, policy: policy), limits: settings.intake)
        return Node(
            configuration: configuration, store: store, policy: policy, templates: templates, renderer: renderer,
            router: router, connections: connections, dispatcher: dispatcher,
            intake: intake,
            optOuts: OptOuts(
                store: store, keys: links.keys, time: time, maxUnmatched: settings.receipts.maxUnheard
            ) { policy.policy.optOutTerms }, subscriptions: subscriptions,
            sources: SourceRegistry(settings, environment: environment, logger: logger), time: time, loss: loss,
            environment: environment)
    }

    /// Opens the data, unless the policy's file may not take the place of the policy in force.
    private static func openStore(
        _ settings: Settings, _ file: PolicyFile, _ loss: DataLoss, time: any TimeSource, logger: Logger
    ) async throws -> any Store {
        let location = settings.storeLocation(logger: logger) { commits in
            loss.note(commits: commits)
            logger.critical("data were lost", metadata: ["why": "\(DataLoss.words(for: Int(commits)))"])
        }
        if !location.hasData {
            logger.notice(
                "the data directory is new: there are no people, messages or keys in it",
                metadata: ["directory": "\(settings.data.directory)"])
        }
        let store = try location.open(time: time)
        do {
            let reader = try location.openForReading()
            let inForce = try await reader.policyInForce()
            await reader.close()
            if let objection = file.objection(replacing: inForce) {
                throw SettingsError("\(FilePath.forDisplay(settings.paths.policy)): \(objection)")
            }
        } catch {
            await store.close()
            throw error
        }
        if let fault = DataDirectoryCheck.fault(of: settings.data.directory) {
            logger.warning("\(fault)", metadata: ["directory": "\(settings.data.directory)"])
        }
        return store
    }

    /// Makes HTTP calls, beside those to providers.
    public var loop: CurlLoop { connections.loop }

    /// The processor that applies receipts to this node's store, under its policy.
    func receiptProcessor(logger: Logger) -> ReceiptProcessor {
        ReceiptProcessor(
            store: store, policy: .production(policy),
            limits: settings.receipts, time: time, router: router, logger: logger)
    }

    /// Asks providers for the fate of messages that they report by no webhook.
    func answerPoller(logger: Logger, onReceipts: @escaping @Sendable () -> Void) -> AnswerPoller {
        AnswerPoller(
            store: store, providers: { [router] in router.polling }, transport: connections.transport,
            limits: settings.receipts, time: time, logger: logger, onReceipts: onReceipts)
    }

    public func close() async {
        await connections.shutdown()
        await store.close()
    }
}

extension Settings {
    /// The dispatcher's settings, with the waits of the settings in force.
    func dispatchSettings(_ configuration: ConfigurationInForce) -> DispatchSettings {
        DispatchSettings(
            limits: dispatch, renderThreads: WorkerThreads(name: "sobre-render", count: rendering.limits.threads)
        ) {
            let settings = configuration.settings
            return RetryWaits(retry: settings.retry, render: settings.rendering.limits.retryAfter)
        }
    }

    public var renderingOptions: RenderingOptions {
        var senders = ByChannel<String?>(repeating: nil)
        var from: Mailbox?
        for channel in Channel.allCases {
            switch channel.sender {
            case .mailbox: from = sender[channel].flatMap { Mailbox(parsing: $0) }
            case .text: senders[channel] = sender[channel]
            case nil: break
            }
        }
        return RenderingOptions(
            undefined: rendering.undefined == .hold ? .fail : .empty, limits: rendering.limits,
            attachments: intake.attachments, linkSchemes: rendering.linkSchemes,
            transliteratesSMS: rendering.transliteratesSMS, defaultFrom: from,
            defaultReplyTo: sender.replyTo.flatMap { Mailbox(parsing: $0) }, senders: senders)
    }
}
