public import SobreModel
public import SobreStore

/// The result of rendering one delivery.
public enum RenderedDelivery: Sendable {
    case ready(RenderedMessage, fingerprint: KeyHash, templateVersion: String)
    /// The template aborted the delivery.
    case aborted(reason: String, templateVersion: String)
    /// The template is missing or broken. The message is held until the template is fixed.
    case failed(reason: String, templateVersion: String)
}

/// Renders one delivery for one channel. Has no side effects apart from the template cache.
public protocol DeliveryRendering: Sendable {
    func render(_ claimed: ClaimedDelivery, channel: Channel, at now: Instant) -> RenderedDelivery
}

/// The policy in force, as the pipeline needs it. Each call uses the newest version that this node knows.
public protocol DeliveryDeciding: Sendable {
    /// The version of the policy in force on this node. It never decreases.
    var version: Int { get }
    /// Puts a newer version in force that the store has reported. Nothing is sent until then.
    ///
    /// - Parameter version: the version to load from the store.
    /// - Throws: `StoreError` when the version cannot be read, or this program does not understand it.
    func follow(version: Int) async throws(StoreError)
    /// How far back the ledger must be read.
    var horizon: Duration { get }
    /// Makes the whole decision. `conditions` describe the dispatcher's clock and facts; the policy in force adds the
    /// conditions of the data and its own.
    func decide(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, at now: Instant
    ) -> AdmissionDecision
    /// Whether messages of this category are sent once more when their outcome is unknown.
    func resendsUnknown(category: String) -> Bool
    /// When the message expires, by its own setting or its category's. Does not need the rendered message.
    func expiresAt(_ message: Message) -> Instant?
}
