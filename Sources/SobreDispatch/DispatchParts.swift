public import SobreModel
public import SobreStore

/// What rendering came to, as the pipeline sees it.
public enum RenderedDelivery: Sendable {
    case ready(RenderedMessage, fingerprint: KeyHash, templateVersion: String)
    /// The template itself said no.
    case aborted(reason: String, templateVersion: String)
    /// The template is missing or broken; the message waits until it is fixed.
    case failed(reason: String, templateVersion: String)
}

/// Renders one delivery for one channel. Pure but for the templates' own cache.
public protocol DeliveryRendering: Sendable {
    func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery
}

/// The policy in force, as the pipeline needs it. Every call sees the newest version that this node knows.
public protocol DeliveryDeciding: Sendable {
    /// Of the policy in force on this node; it only grows.
    var version: Int { get }
    /// Puts a newer version in force, which the store has told of: its text is there. Until then nothing is sent.
    ///
    /// - Throws: `StoreError` when it cannot be read, or not be understood here.
    func follow(version: Int) async throws(StoreError)
    /// How far back the ledger must reach.
    var horizon: Duration { get }
    /// The whole verdict. `conditions` carry what the dispatcher knows of its clock and of the facts; the policy in force
    /// adds what it knows of the data and of itself.
    func decide(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, at now: Instant
    ) -> AdmissionDecision
    /// Whether a message of this category is sent once more when its outcome stays unknown.
    func resendsUnknown(category: String) -> Bool
    /// When a message is too late: by its own word, or by its category's. Known without rendering it.
    func expiresAt(_ message: Message) -> Instant?
}
