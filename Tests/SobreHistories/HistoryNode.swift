import HistoryChecker
import Logging
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore

/// One process of the product: the real dispatcher, router, clock and store, assembled as in production. Runs on the
/// scheduler.
final class HistoryNode: @unchecked Sendable {
    private unowned let world: World
    let executor: HistoryScheduler.ProcessExecutor
    let clock: SteadyClock
    let store: NodeStore
    let policy: PolicyFile
    private let restoredAt: Instant?
    private let router: Router
    private var dispatcher: Dispatcher!
    private var transport: SimulatedTransport!
    private var task: Task<Void, Never>?
    private(set) var isUp = false
    private var hasEnded = false
    /// The sleep of the task that waits for the process to end.
    private var lastSleep: UInt64?
    private var sleeps: Set<UInt64> = []

    static let attemptTimeout = Duration.seconds(5)
    static let maxAttempts = 4
    /// In milliseconds: the attempt, the guard time before it, and what the pipeline adds.
    static let longestCall: Int64 = 11_000

    /// - Parameters:
    ///   - world: everything outside of the node.
    ///   - isRestored: whether it is told that its data were restored from a backup.
    /// - Throws: `StoreError` when the store cannot be opened.
    init(_ world: World, isRestored: Bool) throws(StoreError) {
        self.world = world
        executor = world.scheduler.newExecutor()
        let clock = SteadyClock(read: { world.reading() }, isSynchronised: { world.clockAhead == 0 })
        self.clock = clock
        var configuration = SQLiteConfiguration()
        configuration.limits.checksOnOpen = false
        configuration.limits.writerCacheBytes = 2 << 20
        configuration.limits.readerCacheBytes = 512 << 10
        configuration.onFatal = { _ in }
        let inner = try SQLiteStore.open(
            directory: world.directory, time: StoreTime(clock, world.scheduler), configuration: configuration)
        store = NodeStore(inner, clock: clock, world: world)
        restoredAt = isRestored ? clock.now() : nil
        policy = PolicyFile(
            mutation: world.mutation, restoredAt: world.mutation == .restoreForgotten ? nil : restoredAt)
        router = Self.router(world.mutation)
        transport = SimulatedTransport(world, self)
        dispatcher = Dispatcher(
            store: store, renderer: PlainRenderer(), policy: policy.deciding, router: router, transport: transport,
            settings: settings(), time: clock, logger: Logger(label: "history") { _ in SwiftLogNoOpLogHandler() })
    }

    var inFlight: Int { dispatcher.inFlight }

    private static func router(_ mutation: Mutation?) -> Router {
        func member(
            _ name: String, _ channel: Channel, rate: Double? = nil, burst: Int = 1, concurrency: Int = 4
        ) -> Router.Member {
            var health = ProviderHealthLimits()
            health.failures = 4
            health.brokenFor = .seconds(2)
            health.brokenMax = .seconds(4)
            health.probes = 1
            return Router.Member(
                provider: SimulatedProvider(name: name, channel: channel, mutation: mutation),
                limits: CallLimits(
                    rate: rate, burst: burst, concurrency: concurrency,
                    ahead: AheadBounds(reach: .milliseconds(500), most: 4)), health: health)
        }
        return Router(
            members: [
                member("mail-a", .email), member("mail-b", .email), member("text-a", .sms, rate: 4, burst: 2),
                member("push-a", .push, concurrency: 1),
            ],
            routes: [.email: ["mail-a", "mail-b"], .sms: ["text-a"], .push: ["push-a"]], horizon: .seconds(1),
            recheck: .seconds(60))
    }

    private func settings() -> DispatchSettings {
        let base = ContinuousClock.now
        let scheduler = world.scheduler
        var limits = DispatchLimits()
        limits.workers = 2 + Int(world.history.seed % 2)
        limits.batch = 4
        limits.inFlight = 8
        limits.lease = .seconds(17)
        limits.attemptTimeout = Self.attemptTimeout
        limits.guardTime = .seconds(1)
        limits.resendAfter = .seconds(3)
        limits.idleWait = .seconds(30)
        limits.drain = .seconds(12)
        return DispatchSettings(
            limits: limits,
            retry: RetryPolicy(
                giveUpAfter: .zero, minAttempts: Self.maxAttempts, base: .milliseconds(500), cap: .seconds(20)),
            renderRetry: .seconds(5),
            pace: Pace(
                now: { base + .milliseconds(scheduler.now) }, sleep: { [unowned self] in await self.pause($0) },
                executor: executor))
    }

    /// Sleeps a little too long, as real processes do. Ends early when the task is cancelled or the process stops.
    private func pause(_ duration: Duration) async {
        let wanted = max(1, duration.milliseconds)
        let sleep = world.scheduler.newSleep()
        let isOver = !isUp || Task.isCancelled
        if !isOver { sleeps.insert(sleep) }
        // Long waits may end even later. This saves most of the work of a history in which nothing happens.
        let late = wanted <= 100 ? wanted * 10 : 200
        await world.scheduler.sleep(isOver ? 1 : wanted + world.number(0...late), as: sleep)
        sleeps.remove(sleep)
    }

    /// Puts the policy in force and processes messages until it is stopped.
    func start() {
        isUp = true
        world.observe(.started(restoredAt: restoredAt))
        Task(executorPreference: executor) { [self] in await processReceipts() }
        task = Task(executorPreference: executor) { [self] in
            await begin()
            try? await dispatcher.run()
            hasEnded = true
            if let lastSleep { world.scheduler.wake(lastSleep) }
            // A process that exits by itself is restarted.
            if isUp { crash(down: 500) }
        }
    }

    /// Processes receipts, on its own schedule.
    private func processReceipts() async {
        while isUp {
            await pause(.seconds(4))
            if world.hasReceipts, isUp { try? await store.processReceipts() }
        }
    }

    private func begin() async {
        while isUp {
            do {
                try await policy.replace(number: world.policyNumber, at: store, world)
                return
            } catch { await pause(.milliseconds(100)) }
        }
    }

    /// Ends without a warning. Committed data is on disk, everything else is lost.
    func crash(down: Int64) {
        guard isUp else { return }
        if inFlight > 0 { world.reach("crash with attempts in flight") }
        end()
        world.observe(.crashed)
        let image = world.imageOfDisk()
        if let older = world.imageBeforeLastMessage {
            world.directory = older
            world.imageBeforeLastMessage = nil
        } else {
            world.directory = image
        }
        store.isCut = true
        transport.cut()
        store.workCondition.signal()
        leave(after: down)
    }

    /// Ends as on SIGTERM: starts nothing new and waits for what is in flight.
    func stop(down: Int64) {
        guard isUp else { return }
        end()
        leave(after: down)
    }

    private func end() {
        isUp = false
        executor.isFrozen = false
        task?.cancel()
        for sleep in sleeps.sorted() { world.scheduler.wake(sleep) }
        sleeps = []
        store.workCondition.signal()
        transport.thaw()
    }

    private func leave(after down: Int64) {
        world.spawn { [self] in
            if !hasEnded {
                let sleep = world.scheduler.newSleep()
                lastSleep = sleep
                await world.scheduler.sleep(2_000_000, as: sleep)
            }
            if !store.isCut {
                world.observe(.stopped)
                store.isCut = true
            }
            transport.cut()
            await world.scheduler.outside { await self.store.inner.close() }
            await world.scheduler.sleep(down)
            if down >= 0 { world.startNode() } else { world.hasStopped = true }
        }
    }

    /// Freezes the process while simulated time goes on.
    func freeze(for milliseconds: Int64) {
        guard isUp, !executor.isFrozen else { return }
        if inFlight > 0 { world.reach("process stood still with attempts in flight") }
        world.observe(.answerLost(call: "the process stands still"))
        executor.isFrozen = true
        world.spawn { [self] in
            await world.scheduler.sleep(milliseconds)
            executor.isFrozen = false
            transport.thaw()
        }
    }
}

extension World {
    func startNode() {
        // At a start the machine's clock is trusted if it is ahead, as if the operator had set it.
        if clockAhead > 0 { setClock(ahead: 0) }
        do {
            let node = try HistoryNode(self, isRestored: starts == history.restoredStart)
            starts += 1
            self.node = node
            node.start()
        } catch {
            failure = failure ?? "the store could not be opened: \(error)"
        }
    }
}

/// Renders without a template language: the content is the template name and the data.
private struct PlainRenderer: DeliveryRendering {
    func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery {
        let words = "\(claimed.message.template) \(String(decoding: claimed.message.data, as: UTF8.self))"
        let content: RenderedMessage =
            switch channel {
            case .email:
                .email(EmailContent(from: Mailbox(address: "shop@example.com"), subject: "s", text: words))
            case .sms: .sms(SMSContent(text: words))
            case .push: .push(PushContent(title: "t", body: words))
            case .whatsapp: .whatsapp(ChatContent(text: words))
            case .chat: .chat(PostContent(text: words))
            }
        return .ready(content, fingerprint: KeyHash(words), templateVersion: "v1")
    }
}
