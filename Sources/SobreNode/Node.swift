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

/// One running Sobre without its faces: the store, what decides and renders, and the line between them. The server, the
/// demonstration and commands that own the data directory are made of the same parts by the same code.
public struct Node: Sendable {
    let settings: Settings
    public let store: any Store
    let policy: PolicyInForce
    let templates: TemplateCatalogue
    let renderer: MessageRenderer
    /// What the providers were made by.
    let providers: ProviderFactory
    let router: Router
    public let loop: CurlLoop
    let mailLoop: MailLoop
    public let dispatcher: Dispatcher
    public let intake: Intake
    let withdrawals: Withdrawals
    let time: any TimeSource

    /// Opens the data directory and puts everything together.
    ///
    /// - Parameters:
    ///   - settings: where everything is.
    ///   - given: the clock of every decision; nil: the machine's, watched for jumps.
    ///   - isRestored: whether the data come from a backup: then what may have gone out since is held.
    ///   - logger: where to tell.
    ///   - environment: where secrets may stand.
    /// - Returns: the node, which sends nothing before its dispatcher runs.
    /// - Throws: an error that says what is wrong with which file and what to do.
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
            withdrawals: Withdrawals(store: store, keys: links.keys, time: time) { policy.policy.withdrawalTerms },
            time: time)
    }

    /// What makes states, suppressions and habits of receipts, over this node's store and policy.
    func receiptProcessor(logger: Logger) -> ReceiptProcessor {
        ReceiptProcessor(
            store: store, policy: .production(policy),
            limits: settings.receipts, time: time, logger: logger)
    }

    /// Reads templates and policy again where their files changed. What is broken stays out: the version in force goes on.
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
