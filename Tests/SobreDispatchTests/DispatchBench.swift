import Logging
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreStore
import SobreStoreConformance

/// The dispatcher over the real store, with a clock that moves only when it is told to.
struct DispatchBench: Sendable {
    static let start = Instant(rfc3339: "2026-03-02T12:00:00Z")!

    let store: SQLiteStore
    let time: VirtualTime
    let dispatcher: Dispatcher
    private let directory: String
    private let providers: [ScriptedProvider]

    /// Runs `body` over a new store in which Ann is known, and closes the store.
    static func run(
        _ providers: ScriptedProvider..., rendering: RenderedDelivery? = nil, settings: DispatchSettings = .init(),
        _ body: (DispatchBench) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let bench = try DispatchBench(
                directory, VirtualTime(start), providers, StandardWords(instead: rendering), settings)
            try await bench.store.put([Self.ann])
            try await body(bench)
            await bench.store.close()
        }
    }

    private init(
        _ directory: String, _ time: VirtualTime, _ providers: [ScriptedProvider], _ renderer: StandardWords,
        _ settings: DispatchSettings
    ) throws {
        self.directory = directory
        self.time = time
        self.providers = providers
        store = try SQLiteStore.open(directory: directory, time: time)
        var routes: [Channel: [String]] = [:]
        for provider in providers { routes[provider.channel, default: []].append(provider.name) }
        var logger = Logger(label: "dispatch-test")
        logger.logLevel = .critical
        dispatcher = Dispatcher(
            store: store, renderer: renderer, policy: SuppressionPolicy(),
            router: Router(members: providers.map { Router.Member(provider: $0) }, routes: routes),
            transport: NoTransport(), settings: settings, time: time, logger: logger)
    }

    /// Closes the store and begins anew on its files, as after a crash: nothing but the files is left.
    func restarted() async throws -> DispatchBench {
        await store.close()
        return try DispatchBench(directory, time, providers, StandardWords(), .init())
    }

    static let ann = Profile(
        id: "ann",
        addresses: [
            Address(channel: .push, value: "token-of-ann"), Address(channel: .email, value: "ann@example.com"),
        ])

    @discardableResult
    func enqueue(
        category: String = "marketing", channels: [Channel] = [.email], count: Int = 1, expiresIn: Duration? = nil
    ) async throws -> MessageID {
        let draft = MessageDraft(
            recipient: "ann", template: "hello", category: category, channels: channels,
            expiresAt: expiresIn.map { time.now() + $0 })
        let results = try await store.enqueue(Array(repeating: Submission(draft: draft), count: count))
        guard case .accepted(let id) = results[0] else { throw StoreError(.io, "the message was not accepted") }
        return id
    }

    /// Works until nothing is due.
    func work() async throws { try await dispatcher.runUntilIdle() }

    /// Moves the clock to when the next delivery is due and works again. Returns how long that was.
    @discardableResult
    func workWhenDue() async throws -> Duration {
        guard let dueAt = try await store.nextDueAt() else { throw StoreError(.io, "nothing waits") }
        let wait = dueAt - time.now()
        time.set(dueAt)
        try await work()
        return wait
    }

    /// The states that a message went through.
    func states(_ id: MessageID) async throws -> [DeliveryState] { try await store.history(of: id).map(\.state) }

    func last(_ id: MessageID) async throws -> LogEntry {
        guard let entry = try await store.history(of: id).last else { throw StoreError(.io, "nothing is logged") }
        return entry
    }
}

/// Renders the same words for everybody, or what a test says instead.
struct StandardWords: DeliveryRendering {
    var instead: RenderedDelivery?

    func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery {
        if let instead { return instead }
        let content: RenderedMessage =
            switch channel {
            case .email: .email(EmailContent(from: Mailbox(address: "a@example.com"), subject: "Hello", text: "Hello"))
            case .sms: .sms(SMSContent(text: "Hello"))
            case .push: .push(PushContent(title: "Hello", body: "Hello"))
            }
        return .ready(content, fingerprint: Symbol("Hello"), templateVersion: "v1")
    }
}

/// Sends to the first channel from the given one on whose address is not suppressed.
struct SuppressionPolicy: DeliveryDeciding {
    var horizon: Duration { .seconds(86_400) }
    func resendsUnknown(category: String) -> Bool { category == "transactional" }

    func decide(_ candidate: AdmissionCandidate, facts: AdmissionFacts, at now: Instant) -> AdmissionDecision {
        AdmissionDecision(verdict: verdict(candidate, facts, now), policyVersion: 1)
    }

    private func verdict(
        _ candidate: AdmissionCandidate, _ facts: AdmissionFacts, _ now: Instant
    ) -> AdmissionDecision.Verdict {
        if let expiresAt = candidate.message.expiresAt, expiresAt <= now { return .expire }
        let suppressed = Set(facts.suppressions.map(\.subject))
        for channel in candidate.message.plan(of: candidate.delivery) {
            guard let address = facts.profile?.address(on: channel), !suppressed.contains(address.subject) else {
                continue
            }
            guard channel == candidate.channel else { return .reroute(channel) }
            return .send(address, ContactTraits(message: candidate.message.draft, channel: channel))
        }
        return .drop(suppressed.isEmpty ? .noAddress : .suppressed)
    }
}

/// Scripted providers need no way to the outside.
struct NoTransport: Transport {
    func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void) {
        completion(.failure(TransportFault(.notSent, "there is no transport here")))
    }

    func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void) {
        completion(.failure(TransportFault(.notSent, "there is no transport here")))
    }
}
