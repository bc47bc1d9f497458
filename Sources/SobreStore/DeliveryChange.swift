public import SobreModel

/// A delivery's next state as a store is asked to write it: an entry of the log without what only the store knows, which
/// are the entry's place, its time, and the instant at which the delivery is due again.
public struct DeliveryChange: Hashable, Sendable {
    public var next: NextState
    /// A stable code (`DropReason`, `HoldReason`, `FailureReason`, `Outcome.Kind`), or empty.
    public var reason: String
    /// How many attempts the delivery has used up.
    public var attempt: Int
    /// Of a delivery that waits: the channel that it waits for; nil: its plan begins anew.
    public var channel: Channel?
    public var provider: String?
    /// The provider's id of the message, once accepted.
    public var providerID: String?
    /// The reason in words.
    public var detail: String
    /// An earlier attempt's outcome is unknown.
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

    /// The entry that a store makes of this.
    ///
    /// - Parameters:
    ///   - delivery: the delivery that goes on.
    ///   - now: the present time by the store's clock.
    /// - Returns: the entry, without its place in the log.
    public func entry(of delivery: DeliveryID, at now: Instant) -> LogEntry {
        LogEntry(
            delivery: delivery, at: now, state: state, reason: reason, attempt: attempt, channel: channel,
            provider: provider, providerID: providerID, detail: detail, dueAt: next.wait?.dueAt(from: now),
            possibleDuplicate: possibleDuplicate, policyVersion: policyVersion, templateVersion: templateVersion)
    }
}
