/// Where a delivery stands. The raw value is stored; never renumber. `moves` is the one table of legal moves.
public enum DeliveryState: UInt8, CaseIterable, Sendable, Hashable, CustomStringConvertible {
    /// Waits for its `send_at`.
    case scheduled = 1
    /// Due, waits to be taken.
    case queued = 2
    /// Ours: waits for quiet hours, a cap's next slot or a broken template.
    case held = 3
    /// The provider's: waits for the next attempt.
    case deferred = 4
    /// An attempt may be reaching the provider.
    case attempting = 5
    /// The provider accepted it. Not the same as delivered.
    case sent = 6
    /// We tried and will not try again.
    case failed = 7
    /// We refused.
    case dropped = 8
    /// Nobody can say whether the provider took it.
    case unknown = 9
    case cancelled = 10
    case expired = 11
    case delivered = 12
    case bounced = 13
    /// The person reported it as unwanted.
    case complained = 14
    /// The person wants no more of this.
    case unsubscribed = 15
    case opened = 16
    case clicked = 17
    /// What the sender hoped for has come.
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

    /// True for states that wait in the queue for their due time.
    public var isPending: Bool {
        switch self {
        case .scheduled, .queued, .held, .deferred: true
        default: false
        }
    }

    /// True when Sobre does nothing more by itself; receipts may still arrive.
    public var isFinal: Bool { !isPending && self != .attempting }

    /// The states that may follow this one.
    ///
    /// What waits, or had ended, is moved on by receipts too: they resolve an earlier attempt of unknown fate.
    public var moves: Set<DeliveryState> {
        switch self {
        case .scheduled, .queued, .held, .deferred:
            // Unknown: an earlier attempt may have reached the person, and no further one was made.
            Self.reported.union([
                .held, .deferred, .attempting, .sent, .dropped, .failed, .unknown, .cancelled, .expired, .queued,
            ])
        case .attempting: [.sent, .deferred, .held, .failed, .unknown, .cancelled]
        case .unknown: Self.reported.union([.sent, .failed, .deferred])
        case .sent: Self.reported.union([.failed])
        case .failed: Self.reported.union([.sent])
        case .dropped, .cancelled, .expired: Self.reported.union([.sent, .failed])
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

/// Why a delivery was refused. The raw values are stable and part of the API.
public enum DropReason: String, CaseIterable, Sendable {
    case unknownRecipient = "unknown_recipient"
    case suppressed
    case noConsent = "no_consent"
    case frequencyCapped = "frequency_capped"
    case duplicate
    case noAddress = "no_address"
    case unreachable
    case abortedByTemplate = "aborted_by_template"
    case quietHours = "quiet_hours"
    case controlGroup = "control_group"
    case cancelled
    /// An earlier channel of the message has succeeded: this one is not needed.
    case escalationMet = "escalation_met"
    /// The person asked for a pause that outlasts the message.
    case paused
}

/// Why a delivery waits by our own doing. The raw values are stable and part of the API.
public enum HoldReason: String, CaseIterable, Sendable {
    case quietHours = "quiet_hours"
    case frequencyCapped = "frequency_capped"
    /// The person asked for a pause.
    case paused
    /// It waits for the hour at which the person is most likely to look.
    case bestTime = "best_time"
    /// Another message with the same dedup key is in flight.
    case duplicateInFlight = "duplicate_in_flight"
    case renderFailed = "render_failed"
    case policyError = "policy_error"
    case providerPaused = "provider_paused"
    case providerLimited = "provider_limited"
    case noProvider = "no_provider"
    /// An earlier channel of the message has its turn or its time to succeed.
    case awaitsChannel = "awaits_channel"
    case clockJumped = "clock_jumped"
    case restored
}

/// Why trying ended without success. The raw values are stable and part of the API.
public enum FailureReason: String, CaseIterable, Sendable {
    case attemptsExhausted = "attempts_exhausted"
    case recipientInvalid = "recipient_invalid"
    case recipientGone = "recipient_gone"
    case recipientUnsubscribed = "recipient_unsubscribed"
    case contentRejected = "content_rejected"
    case providerRejected = "provider_rejected"
}
