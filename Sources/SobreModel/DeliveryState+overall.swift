extension DeliveryState {
    /// The state of a message as a whole: the state of that delivery which says most about whether it arrived.
    ///
    /// A delivery that was sent counts before one that still waits, and one that still waits before one that ended
    /// otherwise. So the state of a message with several deliveries does not go back from `sent` when a later channel
    /// of an escalation is held or cancelled.
    ///
    /// - Parameter states: the states of the message's deliveries.
    /// - Returns: the overall state; nil when there are no deliveries.
    public static func overall(_ states: some Sequence<DeliveryState>) -> DeliveryState? {
        states.min { $0.overallRank < $1.overallRank }
    }

    private var overallRank: Int {
        switch self {
        case .complained: 0
        case .unsubscribed: 1
        case .converted: 2
        case .clicked: 3
        case .opened: 4
        case .delivered: 5
        case .sent: 6
        case .attempting: 7
        case .queued: 8
        case .deferred: 9
        case .held: 10
        case .scheduled: 11
        case .unknown: 12
        case .bounced: 13
        case .failed: 14
        case .expired: 15
        case .dropped: 16
        case .cancelled: 17
        }
    }

    /// True for states that ended without a known hand-over to a provider. A store finds deliveries in these states
    /// without reading the log.
    public var isUnsent: Bool {
        switch self {
        case .failed, .dropped, .unknown, .cancelled, .expired: true
        default: false
        }
    }

    /// True for states from which a delivery may be queued once more. From `unknown` only on an explicit order to
    /// repeat what may have been sent.
    public var isRetryable: Bool {
        switch self {
        case .failed, .dropped, .unknown: true
        default: false
        }
    }
}
