public import SobreIntake
public import Text
public import SobreModel
public import SobreSettings
public import SobreStore
public import SobreWire

/// What the API needs of a store.
public typealias APIStore = AdministrationStore & AuditHistory & EventStore & InboundStore & LogStore & MessageStore
    & PauseStore & ProfileStore & ReceiptStore & SourceHistory & StateChangeStore & StateStore

/// The services that the API calls. The assembly provides them.
public struct APIServices: Sendable, Redacted {
    /// Validates and stores messages, profiles, consents and suppressions.
    public var intake: Intake
    /// Stores messages, profiles, the delivery log, receipts, pauses and API keys, and knows what waits.
    public var store: any APIStore
    /// Decides without sending. If nil, `POST /v1/decisions` answers 501.
    public var dryRun: DryRun?
    /// The metrics that `GET /metrics` shows.
    public var metrics: PrometheusFactory
    /// The source of the current time.
    public var clock: any TimeSource
    /// A key with every scope, valid for this run only, for commands of the owner of the data directory. It begins with
    /// `sobre_`. If nil, there is no such key.
    public var ownerKey: String?
    /// Verifies and reads providers' receipts. If nil, `POST /v1/receipts/{provider}` answers 501.
    public var receipts: (any ReceiptRegistry)?
    /// Applies receipts once more. If nil, `POST /v1/receipt-replays` answers 501.
    public var replay: ReceiptReplayer?
    /// The maximum number of receipts in one request.
    public var maxReceipts: Int
    /// Records recipients' opt-outs. If nil, unsubscribe links answer 404 and inbound messages answer 501.
    public var optOuts: OptOuts?
    /// The subscriptions to events, in the order of the settings.
    public var subscriptions: @Sendable () async throws(StoreError) -> [EventSubscriptionStatus]
    /// The logs that messages are taken from, in the order of the settings.
    public var sources: @Sendable () async throws(StoreError) -> [SourceStatus]
    /// The status of the node, for `GET /v1/status`.
    public var condition: @Sendable () async -> NodeCondition
    /// Reads the node's files again, in the name of the task's author. If nil, `POST /v1/reload` answers 501.
    public var reload: (@Sendable () async -> ReloadReport)?

    public init(
        intake: Intake,
        store: any APIStore,
        dryRun: DryRun? = nil,
        metrics: PrometheusFactory, clock: any TimeSource = SystemTime(), ownerKey: String? = nil,
        receipts: (any ReceiptRegistry)? = nil, replay: ReceiptReplayer? = nil,
        maxReceipts: Int = ReceiptLimits().maxPerRequest, optOuts: OptOuts? = nil,
        subscriptions: @escaping @Sendable () async throws(StoreError) -> [EventSubscriptionStatus] = { [] },
        sources: @escaping @Sendable () async throws(StoreError) -> [SourceStatus] = { [] },
        condition: @escaping @Sendable () async -> NodeCondition = { NodeCondition() },
        reload: (@Sendable () async -> ReloadReport)? = nil
    ) {
        self.intake = intake
        self.store = store
        self.dryRun = dryRun
        self.metrics = metrics
        self.clock = clock
        self.ownerKey = ownerKey
        self.receipts = receipts
        self.replay = replay
        self.maxReceipts = maxReceipts
        self.optOuts = optOuts
        self.subscriptions = subscriptions
        self.sources = sources
        self.condition = condition
        self.reload = reload
    }
}

/// Decides for a message on the live state without sending it and without side effects. Returns one decision for each
/// delivery that the message would have, with the channel that was decided for.
///
/// The second argument is the time of the decision; nil: now.
public typealias DryRun =
    @Sendable (MessageDraft, Instant?) async throws -> [(
        channel: Channel?, decision: AdmissionDecision
    )]

/// Applies a part of the inbox of receipts once more: those that match and arrived after the one with the given number.
/// The last argument says whether nothing is changed.
public typealias ReceiptReplayer =
    @Sendable (ReceiptFilter, Int64, Bool) async throws(StoreError) -> ReceiptReplay
