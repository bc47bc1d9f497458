import Logging
import SobreAdmission
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import SobreStoreConformance

/// The dispatcher over the real store, with a manual clock.
struct DispatchBench: Sendable {
    static let start = Instant(rfc3339: "2026-03-02T12:00:00Z")!

    let store: SQLiteStore
    let time: VirtualTime
    let dispatcher: Dispatcher
    private let directory: String
    private let providers: [any Provider]
    private let dispatcherOver: @Sendable (any QueueStore, Pace) -> Dispatcher

    /// Runs `body` over a new store with a profile for Ann, and closes the store.
    static func run(
        _ providers: ScriptedProvider..., rendering: RenderedDelivery? = nil,
        renderer: (any DeliveryRendering)? = nil, settings: DispatchSettings = .fiveAttempts,
        policy: any DeliveryDeciding = BenchPolicy(),
        alarm: ClockAlarm? = nil, rate: Double? = nil, _ body: (DispatchBench) async throws -> Void
    ) async throws {
        try await run(
            providers, rendering: rendering, renderer: renderer, settings: settings, policy: policy, alarm: alarm,
            limits: CallLimits(rate: rate, burst: 1, concurrency: 512), body)
    }

    /// The same with providers of any kind, which have these limits.
    static func run(
        _ providers: [any Provider], rendering: RenderedDelivery? = nil,
        renderer: (any DeliveryRendering)? = nil, settings: DispatchSettings = .fiveAttempts,
        policy: any DeliveryDeciding = BenchPolicy(),
        alarm: ClockAlarm? = nil, limits: CallLimits, _ body: (DispatchBench) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let bench = try DispatchBench(
                directory, VirtualTime(start), providers, renderer ?? StandardWords(instead: rendering), settings,
                policy, alarm, limits)
            try await bench.store.put([Self.ann])
            try await body(bench)
            await bench.store.close()
        }
    }

    private init(
        _ directory: String, _ time: VirtualTime, _ providers: [any Provider], _ renderer: any DeliveryRendering,
        _ settings: DispatchSettings, _ policy: any DeliveryDeciding, _ alarm: ClockAlarm? = nil,
        _ limits: CallLimits = CallLimits(burst: 1, concurrency: 512)
    ) throws {
        self.directory = directory
        self.time = time
        self.providers = providers
        let store = try SQLiteStore.open(directory: directory, time: time)
        self.store = store
        var routes: [Channel: ProviderRoute] = [:]
        for provider in providers { routes[provider.channel, default: []].append(provider.name) }
        dispatcherOver = { [routes] store, pace in
            var settings = settings
            settings.pace = pace
            var logger = Logger(label: "dispatch-test")
            logger.logLevel = .critical
            return Dispatcher(
                store: store, renderer: renderer, policy: policy,
                router: Router(
                    members: providers.map {
                        Router.Member(provider: $0, limits: limits, health: ProviderHealthLimits())
                    }, routes: routes, horizon: .seconds(1), recheck: .seconds(60)),
                transport: PromptTransport(), settings: settings, time: AlarmedTime(time: time, alarm: alarm),
                logger: logger)
        }
        dispatcher = dispatcherOver(store, .real)
    }

    /// Another dispatcher with the same configuration, over a store that the test put in front of the real one. It
    /// never waits, but reports how long it would have waited.
    func dispatcher(
        over store: any QueueStore, told: @escaping @Sendable (Duration) -> Void = { _ in }
    ) -> Dispatcher {
        let pace = Pace(now: { ContinuousClock.now }) { length in
            told(length)
            await Task.yield()
        }
        return dispatcherOver(store, pace)
    }

    /// Closes the store and opens its files again, as after a crash.
    func restarted() async throws -> DispatchBench {
        await store.close()
        return try DispatchBench(directory, time, providers, StandardWords(), .fiveAttempts, BenchPolicy())
    }

    static let ann = Profile(
        id: "ann",
        addresses: [
            Address(channel: .push, value: "token-of-ann"), Address(channel: .email, value: "ann@example.com"),
        ])

    /// Ann with three push devices.
    static let annWithDevices: Profile = {
        var person = ann
        person.addresses += [
            Address(channel: .push, value: "tablet-of-ann"), Address(channel: .push, value: "watch-of-ann"),
        ]
        return person
    }()

    @discardableResult
    func enqueue(
        category: String = "marketing", channels: [Channel] = [.email], count: Int = 1, expiresIn: Duration? = nil,
        recipient: String = "ann"
    ) async throws -> MessageID {
        let draft = MessageDraft(
            recipient: recipient, template: "hello", category: category, channels: channels,
            expiresAt: expiresIn.map { time.now() + $0 })
        let results = try await store.enqueue(Array(repeating: Submission(draft: draft), count: count))
        guard case .accepted(let id) = results[0] else { throw StoreError(.io, "the message was not accepted") }
        return id
    }

    /// Runs until nothing is due.
    func work() async throws { try await dispatcher.runUntilIdle() }

    /// Moves the clock to the next due time and runs again. Returns the time skipped.
    @discardableResult
    func workWhenDue() async throws -> Duration {
        guard let dueAt = try await store.nextDueAt() else { throw StoreError(.io, "nothing waits") }
        let wait = dueAt - time.now()
        time.set(dueAt)
        try await work()
        return wait
    }

    /// The states in a message's log.
    func states(_ id: MessageID) async throws -> [DeliveryState] { try await store.history(of: id).map(\.state) }

    func last(_ id: MessageID) async throws -> LogEntry {
        guard let entry = try await store.history(of: id).last else { throw StoreError(.io, "nothing is logged") }
        return entry
    }
}

extension DispatchSettings {
    /// Five attempts, with at most two seconds between the first and the second.
    static let fiveAttempts = DispatchSettings { _ in }

    init(_ change: (inout DispatchLimits) -> Void) {
        var limits = DispatchLimits()
        change(&limits)
        self.init(
            limits: limits,
            retry: RetryPolicy(giveUpAfter: .zero, minAttempts: 5, base: .seconds(2), cap: .seconds(900)),
            renderRetry: .seconds(30))
    }
}

/// The bench's clock, optionally with an alarm.
struct AlarmedTime: TimeSource {
    let time: VirtualTime
    let alarm: ClockAlarm?
    func now() -> Instant { time.now() }
}

/// Renders the same content for everybody, or the result that a test sets.
struct StandardWords: DeliveryRendering {
    var instead: RenderedDelivery?

    func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery {
        if let instead { return instead }
        let content: RenderedMessage =
            switch channel {
            case .email:
                .email(
                    EmailContent(
                        from: Mailbox(address: "a@example.com"), subject: "Hello", text: "Hello",
                        attachments: claimed.message.attachments))
            case .sms: .sms(SMSContent(text: "Hello"))
            case .push: .push(PushContent(title: "Hello", body: "Hello"))
            case .whatsapp: .whatsapp(ChatContent(text: "Hello"))
            case .chat: .chat(PostContent(text: "Hello"))
            }
        return .ready(content, fingerprint: KeyHash("Hello"), templateVersion: "v1")
    }
}

/// A real policy with few rules: no category requires consent, and messages of the category `brief` expire after a
/// minute.
struct BenchPolicy: DeliveryDeciding {
    private static let policy = try! Policy.parse(
        text: """
            categories:
              marketing: { consent: none, fingerprint_window: 0s }
              brief: { consent: none, fingerprint_window: 0s, expires_after: 60s }
            """
    ).with(version: 1)

    var version: Int { 1 }
    func follow(version: Int) async {}

    var horizon: Duration { Self.policy.horizon }

    func resendsUnknown(category: String) -> Bool { Self.policy.category(category).unknownOutcome == .resendOnce }

    func expiresAt(_ message: Message) -> Instant? { Self.policy.category(message.category).expiresAt(message) }

    func decide(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, at now: Instant
    ) -> AdmissionDecision {
        Self.policy.decide(request, facts: facts, conditions: conditions, now: now)
    }
}
