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
import SobreTransport
import ZoneInfo

/// One running Sobre without its interfaces: the store, the policy, the renderer and the pipeline between them. The
/// server, the demonstration and the commands that own the data directory all build it with the same code.
public struct Node: Sendable {
    let settings: Settings
    public let store: any Store
    let policy: PolicyInForce
    let templates: TemplateCatalogue
    let renderer: MessageRenderer
    /// The factory that made the providers.
    let providers: ProviderFactory
    let router: Router
    public let loop: CurlLoop
    let mailLoop: MailLoop
    public let dispatcher: Dispatcher
    public let intake: Intake
    let withdrawals: Withdrawals
    let time: any TimeSource

    /// Opens the data directory and builds all parts.
    ///
    /// - Parameters:
    ///   - settings: all paths and limits.
    ///   - given: the clock for every decision; nil for the machine's clock, watched for jumps.
    ///   - isRestored: whether the data come from a backup. If so, messages that may have been sent since then are
    ///     held.
    ///   - logger: the log for problems found during setup and at runtime.
    ///   - environment: may contain secrets.
    /// - Returns: the node. It sends nothing until its dispatcher runs.
    /// - Throws: an error that says which file is wrong, what is wrong with it and what to do.
    public static func open(
        _ settings: Settings, time given: (any TimeSource)? = nil,
        isRestored: Bool = false, logger: Logger, environment: Environment = .process
    ) async throws -> Node {
        let time = given ?? SteadyClock(isSynchronised: KernelClock.isSynchronised)
        let text = try TextFile.readText(settings.paths.policy, atMost: 1 << 20)
        let unversioned = try Policy.parse(text: text, file: FilePath.forDisplay(settings.paths.policy), zones: .system)
        let templates = try TemplateCatalogue(root: settings.paths.templates)
        let providers = try ProviderSetup(settings: settings, environment: environment)
        let store = try settings.storeLocation(logger: logger).open(time: time)
        let version = try await store.register(policy: text)
        let policy = PolicyInForce(
            unversioned.with(version: version), text: text, restoredAt: isRestored ? time.now() : nil
        ) { version throws(StoreError) in
            guard let text = try await store.policy(version: version) else { return nil }
            return try? Policy.parse(text: text, file: "policy version \(version)", zones: .system)
                .with(version: version)
        }
        let links = try LinkMaker(settings: settings)
        let renderer = MessageRenderer(
            catalogue: templates, links: links.messageLinks, options: settings.renderingOptions)
        let router = Router(
            members: providers.members, routes: providers.routes, broken: providers.broken,
            horizon: settings.dispatch.reserveAhead, recheck: settings.health.pause)
        for (channel, why) in providers.broken {
            logger.error("no provider for \(channel)", metadata: ["why": "\(why)"])
        }
        let loop = CurlLoop(
            configuration: CurlLoopConfiguration(settings.httpClient, carrying: settings.dispatch.inFlight))
        let mailLoop = MailLoop(configuration: MailLoopConfiguration(settings.mailClient))
        let dispatcher = Dispatcher(
            store: store, renderer: ProductionRenderer(renderer: renderer), policy: policy, router: router,
            transport: CurlTransport(
                loop: loop, mailLoop: mailLoop, connectTimeout: settings.httpClient.connectTimeout,
                maxResponseBytes: settings.httpClient.maxAnswerBytes),
            settings: settings.dispatchSettings, time: time,
            logger: logger)
        let intake = Intake(
            store: store, messages: AcceptanceCounter(store, time: time),
            catalogue: NodeCatalogue(templates: templates, policy: policy), limits: settings.intake)
        return Node(
            settings: settings, store: store, policy: policy, templates: templates, renderer: renderer,
            providers: providers.factory, router: router, loop: loop, mailLoop: mailLoop, dispatcher: dispatcher,
            intake: intake,
            withdrawals: Withdrawals(
                store: store, keys: links.keys, time: time, maxUnheard: settings.receipts.maxUnheard
            ) { policy.policy.withdrawalTerms },
            time: time)
    }

    /// The processor that applies receipts to this node's store, under its policy.
    func receiptProcessor(logger: Logger) -> ReceiptProcessor {
        ReceiptProcessor(
            store: store, policy: .production(policy),
            limits: settings.receipts, time: time, logger: logger)
    }

    /// Reads changed templates and a changed policy again. If a file is broken, the version in force stays.
    func reload(logger: Logger) async {
        do {
            if try templates.reload() {
                for (name, error) in templates.snapshot.broken {
                    logger.error("template is broken", metadata: ["template": "\(name)", "why": "\(error.summary)"])
                }
                logger.notice("templates reloaded", metadata: ["count": "\(templates.snapshot.names.count)"])
            }
        } catch { logger.error("templates cannot be read", metadata: ["why": "\(error)"]) }
        do {
            let text = try TextFile.readText(settings.paths.policy, atMost: 1 << 20)
            if policy.hasSeen(text) { return }
            let parsed: Policy
            do {
                parsed = try Policy.parse(text: text, file: FilePath.forDisplay(settings.paths.policy), zones: .system)
            } catch {
                policy.see(text)
                throw error
            }
            let registered = try await policy.replace(with: parsed) { try await store.register(policy: text) }
            policy.see(text)
            logger.notice("policy in force", metadata: ["version": "\(registered)"])
        } catch {
            logger.error("the policy cannot be read; the last good one stays in force", metadata: ["why": "\(error)"])
        }
    }

    public func close() async {
        await loop.shutdown()
        await mailLoop.shutdown()
        await store.close()
    }
}

extension Settings {
    var dispatchSettings: DispatchSettings {
        DispatchSettings(limits: dispatch, retry: retry, renderRetry: rendering.limits.retryAfter)
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
            undefined: rendering.undefined == .hold ? .fail : .empty, limits: rendering.limits, defaultFrom: from,
            defaultReplyTo: sender.replyTo.flatMap { Mailbox(parsing: $0) }, senders: senders)
    }
}
