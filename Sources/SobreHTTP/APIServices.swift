public import SobreIntake
public import SobreModel
public import SobreSettings
public import SobreStore
public import SobreWire

/// What the API calls: given by the assembly.
public struct APIServices: Sendable {
    /// The one way in.
    public var intake: Intake
    /// Where messages, people, the log and keys are kept.
    public var store: any MessageStore & ProfileStore & LogStore & AdministrationStore & ReceiptStore
    /// Decides without sending; nil: `POST /v1/decisions` answers 501.
    public var dryRun: DryRun?
    /// The numbers behind `GET /metrics`.
    public var metrics: PrometheusFactory
    /// The time.
    public var clock: any TimeSource
    /// A key of this run alone, with every scope, for commands of whoever owns the data directory; it begins with
    /// `sobre_`. Nil: there is none.
    public var ownerKey: String?
    /// What is known of the providers' receipts; nil: `POST /v1/receipts/{provider}` answers 501.
    public var receipts: (any ReceiptRegistry)?
    /// Receipts in one request.
    public var maxReceipts: Int
    /// Takes people's own word that they want no more; nil: links to unsubscribe and inbound SMS are not served.
    public var withdrawals: Withdrawals?
    /// How the node does, for `GET /v1/status`.
    public var condition: @Sendable () async -> NodeCondition

    /// Makes the services.
    public init(
        intake: Intake, store: any MessageStore & ProfileStore & LogStore & AdministrationStore & ReceiptStore,
        dryRun: DryRun? = nil,
        metrics: PrometheusFactory, clock: any TimeSource = SystemTime(), ownerKey: String? = nil,
        receipts: (any ReceiptRegistry)? = nil,
        maxReceipts: Int = ReceiptLimits().maxPerRequest, withdrawals: Withdrawals? = nil,
        condition: @escaping @Sendable () async -> NodeCondition = { NodeCondition() }
    ) {
        self.intake = intake
        self.store = store
        self.dryRun = dryRun
        self.metrics = metrics
        self.clock = clock
        self.ownerKey = ownerKey
        self.receipts = receipts
        self.maxReceipts = maxReceipts
        self.withdrawals = withdrawals
        self.condition = condition
    }
}

/// Decides for a message that is not sent, on the live state, without side effect: one decision for each delivery that
/// the message would become, with the channel that was judged.
public typealias DryRun = @Sendable (MessageDraft) async throws -> [(channel: Channel?, decision: AdmissionDecision)]
