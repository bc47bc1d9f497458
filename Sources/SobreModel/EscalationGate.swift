/// What became of an earlier channel of a message with `route: escalate`.
public struct EarlierDelivery: Hashable, Sendable {
    public var channel: Channel
    public var state: DeliveryState
    /// When it was handed over, as far as that is known; nil: it was not.
    public var sentAt: Instant?
    /// When it is due, while it waits.
    public var dueAt: Instant?

    public init(channel: Channel, state: DeliveryState, sentAt: Instant? = nil, dueAt: Instant? = nil) {
        self.channel = channel
        self.state = state
        self.sentAt = sentAt
        self.dueAt = dueAt
    }
}

extension Escalation {
    /// What the earlier channels mean for the next.
    public enum Gate: Hashable, Sendable {
        /// The success has not come in time, or cannot come: this channel's turn.
        case open
        /// Not yet; look again then.
        case wait(until: Instant, why: String)
        /// The success has come: this channel is not needed.
        case met(on: Channel, DeliveryState)
    }

    /// How soon a channel looks again whose predecessor has not been sent yet.
    static let recheck = Duration.seconds(1)

    /// Whether a delivery that stands there has brought the success.
    ///
    /// A person who unsubscribes or complains has seen the message: no further channel should press it.
    public func isMet(by state: DeliveryState) -> Bool {
        switch state {
        case .delivered: until == .delivered
        case .opened: until <= .opened
        case .clicked: until <= .clicked
        case .converted, .unsubscribed, .complained: true
        default: false
        }
    }

    /// Judges the channels before one, in their order; pure, called inside the decision's transaction.
    public func gate(after earlier: [EarlierDelivery], now: Instant) -> Gate {
        if let met = earlier.first(where: { isMet(by: $0.state) }) { return .met(on: met.channel, met.state) }
        guard let last = earlier.last else { return .open }
        switch last.state {
        // It did not reach anybody: not waited for.
        case .failed, .dropped, .expired, .cancelled, .bounced: return .open
        case .scheduled, .queued, .held, .deferred, .attempting:
            let dueAt = max(last.dueAt ?? now, now) + Self.recheck
            return .wait(until: dueAt, why: "\(last.channel) goes first and is \(last.state)")
        case .sent, .unknown, .delivered, .opened, .clicked, .converted, .unsubscribed, .complained:
            let patience = (last.sentAt ?? now) + after
            if now >= patience { return .open }
            return .wait(until: patience, why: "unless \(last.channel) is \(until) before")
        }
    }
}
