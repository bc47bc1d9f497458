public import SobreModel

/// A delivery's next state, as a store is asked to write it.
///
/// It is a log entry without the parts that only the store knows: the entry's place in the log, its time, and the
/// instant at which the delivery is due again.
public struct DeliveryChange: Hashable, Sendable {
    public var next: NextState
    /// A stable code from `DropReason`, `HoldReason`, `FailureReason` or `Outcome.Kind`, or empty.
    public var reason: String
    /// The number of attempts used so far.
    public var attempt: Int
    /// The channel that a waiting delivery waits for. Nil restarts its plan.
    public var channel: Channel?
    public var provider: String?
    /// The provider's message ID, once the provider has accepted the message.
    public var providerID: String?
    /// The reason as readable text.
    public var detail: String
    /// True when the outcome of an earlier attempt is unknown.
    public var possibleDuplicate: Bool
    public var policyVersion: Int
    public var templateVersion: String

    public init(
        _ next: NextState, reason: String = "", attempt: Int = 0, channel: Channel? = nil, provider: String? = nil,
        providerID: String? = nil, detail: String = "", possibleDuplicate: Bool = false, policyVersion: Int = 0,
        templateVersion: String = ""
    ) {
        self.next = next
        self.reason = reason
        self.attempt = attempt
        self.channel = channel
        self.provider = provider
        self.providerID = providerID
        self.detail = detail
        self.possibleDuplicate = possibleDuplicate
        self.policyVersion = policyVersion
        self.templateVersion = templateVersion
    }

    public var state: DeliveryState { next.state }

    /// Makes the log entry for this change.
    ///
    /// - Parameters:
    ///   - delivery: The delivery that changes state.
    ///   - now: The present time by the store's clock.
    /// - Returns: The entry, without its place in the log.
    public func entry(of delivery: DeliveryID, at now: Instant) -> LogEntry {
        LogEntry(
            delivery: delivery, at: now, state: state, reason: reason, attempt: attempt, channel: channel,
            provider: provider, providerID: providerID, detail: detail, dueAt: next.wait?.dueAt(from: now),
            possibleDuplicate: possibleDuplicate, policyVersion: policyVersion, templateVersion: templateVersion)
    }
}
