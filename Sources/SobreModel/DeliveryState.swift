/// The state of a delivery. The raw value is stored; never renumber. `moves` defines all legal transitions.
public enum DeliveryState: UInt8, CaseIterable, Sendable, Hashable, CustomStringConvertible {
    /// Waiting for its `send_at`.
    case scheduled = 1
    /// Due and waiting to be claimed.
    case queued = 2
    /// Waiting because of us: for quiet hours, a cap's next slot or a broken template.
    case held = 3
    /// Waiting for the next attempt because of the provider.
    case deferred = 4
    /// An attempt may be reaching the provider.
    case attempting = 5
    /// The provider accepted it. Not the same as delivered.
    case sent = 6
    /// Attempts ended without success. No further attempt is made.
    case failed = 7
    /// Not sent, by a decision of ours.
    case dropped = 8
    /// It cannot be determined whether the provider accepted it.
    case unknown = 9
    case cancelled = 10
    case expired = 11
    case delivered = 12
    case bounced = 13
    /// The recipient reported it as unwanted.
    case complained = 14
    /// The recipient unsubscribed.
    case unsubscribed = 15
    case opened = 16
    case clicked = 17
    /// The recipient did what the sender hoped for.
    case converted = 18

    public init?(name: some StringProtocol) {
        guard let state = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = state
    }

    public var description: String {
        switch self {
        case .scheduled: "scheduled"
        case .queued: "queued"
        case .held: "held"
        case .deferred: "deferred"
        case .attempting: "attempting"
        case .sent: "sent"
        case .failed: "failed"
        case .dropped: "dropped"
        case .unknown: "unknown"
        case .cancelled: "cancelled"
        case .expired: "expired"
        case .delivered: "delivered"
        case .bounced: "bounced"
        case .complained: "complained"
        case .unsubscribed: "unsubscribed"
        case .opened: "opened"
        case .clicked: "clicked"
        case .converted: "converted"
        }
    }

    /// True for states that wait in the queue until they are due.
    public var isPending: Bool {
        switch self {
        case .scheduled, .queued, .held, .deferred: true
        default: false
        }
    }

    /// True when Sobre takes no further action by itself. Receipts may still arrive.
    public var isFinal: Bool { !isPending && self != .attempting }

    /// Whether a state may follow this one. Answers from a table that is computed once from ``moves``.
    ///
    /// - Parameter next: The state that would follow.
    /// - Returns: Whether `moves` contains it.
    public func mayBecome(_ next: DeliveryState) -> Bool {
        Self.allowed[Int(rawValue)] & Self.bit(of: next) != 0
    }

    /// The states that may follow each state, one bit a state, by raw value.
    private static let allowed: [UInt32] = {
        var allowed = [UInt32](repeating: 0, count: allCases.count + 1)
        for state in allCases {
            allowed[Int(state.rawValue)] = state.moves.reduce(0) { $0 | bit(of: $1) }
        }
        return allowed
    }()

    private static func bit(of state: DeliveryState) -> UInt32 { 1 << UInt32(state.rawValue) }

    /// The states that may follow this one.
    ///
    /// Receipts can also change pending and ended deliveries, because they resolve an earlier attempt with an unknown
    /// outcome.
    public var moves: Set<DeliveryState> {
        switch self {
        case .scheduled, .queued, .held, .deferred:
            // Unknown: an earlier attempt may have reached the recipient, and no further one was made.
            Self.reported.union([
                .held, .deferred, .attempting, .sent, .dropped, .failed, .unknown, .cancelled, .expired, .queued,
            ])
        case .attempting: [.sent, .deferred, .held, .failed, .unknown, .cancelled]
        // Queued: somebody ordered to repeat what may have been sent.
        case .unknown: Self.reported.union([.sent, .failed, .deferred, .queued])
        case .sent: Self.reported.union([.failed])
        // Queued: somebody asked for another try.
        case .failed: Self.reported.union([.sent, .queued])
        case .dropped: Self.reported.union([.sent, .failed, .queued])
        case .cancelled, .expired: Self.reported.union([.sent, .failed])
        case .bounced: Self.reported.subtracting([.bounced])
        case .delivered: Self.reported.subtracting([.delivered])
        case .opened: [.clicked, .converted, .unsubscribed, .complained]
        case .clicked: [.converted, .unsubscribed, .complained]
        case .converted: [.unsubscribed, .complained]
        case .unsubscribed: [.complained]
        case .complained: []
        }
    }
}

/// Why a delivery was dropped. The raw values are stable and part of the API.
public enum DropReason: String, CaseIterable, Sendable {
    case unknownRecipient = "unknown_recipient"
    case suppressed
    case noConsent = "no_consent"
    /// The recipient has not written to us lately, and the channel takes only approved templates then.
    case windowClosed = "window_closed"
    case frequencyCapped = "frequency_capped"
    case duplicate
    case noAddress = "no_address"
    case unreachable
    case abortedByTemplate = "aborted_by_template"
    case quietHours = "quiet_hours"
    case controlGroup = "control_group"
    case cancelled
    /// An earlier channel of the message has succeeded, so this one is not needed.
    case escalationMet = "escalation_met"
    /// The recipient asked for a pause that ends after the message expires.
    case paused
}

/// Why a delivery waits because of us. The raw values are stable and part of the API.
public enum HoldReason: String, CaseIterable, Sendable {
    case quietHours = "quiet_hours"
    case frequencyCapped = "frequency_capped"
    /// The recipient asked for a pause.
    case paused
    /// An operator paused sending.
    case pausedByOperator = "paused_by_operator"
    /// Waits for the hour at which the recipient is most likely to read it.
    case bestTime = "best_time"
    /// Another message with the same dedup key is in flight.
    case duplicateInFlight = "duplicate_in_flight"
    case renderFailed = "render_failed"
    case policyError = "policy_error"
    case providerPaused = "provider_paused"
    case providerLimited = "provider_limited"
    case noProvider = "no_provider"
    /// Waits for an earlier channel of the message to be sent or to succeed.
    case awaitsChannel = "awaits_channel"
    case clockJumped = "clock_jumped"
    case restored
}

/// Why attempts ended without success. The raw values are stable and part of the API.
public enum FailureReason: String, CaseIterable, Sendable {
    case attemptsExhausted = "attempts_exhausted"
    case recipientInvalid = "recipient_invalid"
    case recipientGone = "recipient_gone"
    case recipientUnsubscribed = "recipient_unsubscribed"
    case contentRejected = "content_rejected"
    case providerRejected = "provider_rejected"
}
