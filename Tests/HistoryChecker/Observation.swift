public import SobreModel

/// When something happened, by a clock that cannot be set, and in which order.
public struct Moment: Hashable, Comparable, Sendable {
    /// Milliseconds of true time since the history began.
    public var at: Int64
    /// Of two events in the same millisecond, the one with the smaller number came first.
    public var order: Int

    public init(at: Int64, order: Int) {
        self.at = at
        self.order = order
    }

    public static func < (a: Moment, b: Moment) -> Bool { a.order < b.order }
}

/// One observation from outside the tested system: at the API, at the disk, or at the provider.
public enum Observation: Sendable {
    // At the API.
    /// A message became durable and was acknowledged to its sender.
    case accepted(MessageID, MessageDraft, key: String?, request: KeyHash)
    /// A key was repeated with the same request.
    case replayed(MessageID, key: String, request: KeyHash)
    /// A key was repeated with another request.
    case conflicted(MessageID, key: String, request: KeyHash)

    // At the disk, when it was committed.
    case put(Profile)
    /// Two recipients were merged: everything known of the first applies to the second. Holds their one profile.
    case merged(from: String, into: String, Profile)
    case suppressed(Suppression)
    /// For all ids of the recipient.
    case lifted(person: String)
    case cancelled(MessageID)
    /// An operator's pause was answered.
    case paused(SendingPause)
    case resumed(pause: Int64)
    /// A new policy is in force, with these promises.
    case promised(version: Int, Promise)
    case claimed(DeliveryID, epoch: Int64)
    case admitted(Intent)
    /// The decision was not to send now.
    case refused(Refusal)
    /// A delivery reached a final state before any decision.
    case settled(DeliveryID, DeliveryState)
    case recorded(Ending)

    // At the provider.
    case requested(Request)
    /// The provider has accepted the message of a request. From here on the recipient will get it.
    case took(request: Int)

    /// A provider sent a receipt, which was acknowledged.
    case reported(DeliveryID, ReportedEvent, provider: String)
    /// A receipt was processed, or was found to be of no use. From here on it is known.
    case digested(DeliveryID, ReportedEvent, provider: String, at: Instant)

    // At the machine.
    case crashed
    /// A node starts. `restoredAt`, by its clock, if it was told that its data were restored from a backup.
    case started(restoredAt: Instant?)
    case stopped
    /// The wall clock was set. It is now this many milliseconds ahead of true time.
    case clockSet(ahead: Int64)
    /// A call of the store failed after its commit, so the caller does not know whether it happened.
    case answerLost(call: String)
}

/// The permission to make one call, stored durably before the call.
public struct Intent: Sendable {
    public var ledgerID: Int64
    public var delivery: DeliveryID
    public var attempt: Int
    public var epoch: Int64
    public var policyVersion: Int
    public var draft: MessageDraft
    public var acceptedAt: Instant
    public var channel: Channel
    public var address: Address
    /// The recipient's other devices, reached by the same attempt.
    public var further: [Address]
    public var isResend: Bool
    /// By the node's clock.
    public var clock: Instant

    public init(
        ledgerID: Int64, delivery: DeliveryID, attempt: Int, epoch: Int64, policyVersion: Int, draft: MessageDraft,
        acceptedAt: Instant, channel: Channel, address: Address, further: [Address] = [], isResend: Bool, clock: Instant
    ) {
        self.ledgerID = ledgerID
        self.delivery = delivery
        self.attempt = attempt
        self.epoch = epoch
        self.policyVersion = policyVersion
        self.draft = draft
        self.acceptedAt = acceptedAt
        self.channel = channel
        self.address = address
        self.further = further
        self.isResend = isResend
        self.clock = clock
    }
}

/// A decision not to send: held, dropped or expired.
public struct Refusal: Sendable {
    public var delivery: DeliveryID
    public var draft: MessageDraft
    public var acceptedAt: Instant
    public var state: DeliveryState
    public var reason: String
    public var dueAt: Instant?
    public var policyVersion: Int
    public var isExplained: Bool
    /// The message data that the decision read.
    public var words: String
    public var clock: Instant

    public init(
        delivery: DeliveryID, draft: MessageDraft, acceptedAt: Instant, state: DeliveryState, reason: String,
        dueAt: Instant?, policyVersion: Int, isExplained: Bool, words: String, clock: Instant
    ) {
        self.delivery = delivery
        self.draft = draft
        self.acceptedAt = acceptedAt
        self.state = state
        self.reason = reason
        self.dueAt = dueAt
        self.policyVersion = policyVersion
        self.isExplained = isExplained
        self.words = words
        self.clock = clock
    }
}

/// The recorded outcome of an attempt.
public struct Ending: Sendable {
    public var ledgerID: Int64
    public var proof: Outcome.Proof
    public var state: DeliveryState
    public var reason: String
    public var clock: Instant

    public init(ledgerID: Int64, proof: Outcome.Proof, state: DeliveryState, reason: String, clock: Instant) {
        self.ledgerID = ledgerID
        self.proof = proof
        self.state = state
        self.reason = reason
        self.clock = clock
    }
}

/// A request that arrived at a provider.
public struct Request: Sendable {
    /// The provider's own number.
    public var number: Int
    public var provider: String
    /// Our reference and the number of the attempt, as in the request.
    public var reference: String
    public var attempt: Int
    public var channel: Channel
    /// As in the request.
    public var address: String
    public var words: String
    public var saysPossibleDuplicate: Bool
    /// Whether the provider's answer makes the fate of the request clear.
    public var answersPlainly: Bool
    /// Whether it answers that the address does not exist or no longer exists.
    public var blamesAddress: Bool

    public init(
        number: Int, provider: String, reference: String, attempt: Int, channel: Channel, address: String,
        words: String, saysPossibleDuplicate: Bool, answersPlainly: Bool, blamesAddress: Bool
    ) {
        self.number = number
        self.provider = provider
        self.reference = reference
        self.attempt = attempt
        self.channel = channel
        self.address = address
        self.words = words
        self.saysPossibleDuplicate = saysPossibleDuplicate
        self.answersPlainly = answersPlainly
        self.blamesAddress = blamesAddress
    }
}

/// The content of the tables when everything is at rest.
public struct EndState: Sendable {
    /// Each delivery's log, oldest first.
    public var logs: [DeliveryID: [LogEntry]]
    /// The messages that can still be read.
    public var messages: Set<MessageID>
    /// Every contact that still counts, by its id.
    public var ledger: [Int64: LedgerEntry]
    public var open: Int
    /// By the node's clock.
    public var clock: Instant
    /// Whether nothing was going on any more.
    public var isAtRest: Bool

    public init(
        logs: [DeliveryID: [LogEntry]], messages: Set<MessageID>, ledger: [Int64: LedgerEntry], open: Int,
        clock: Instant, isAtRest: Bool
    ) {
        self.logs = logs
        self.messages = messages
        self.ledger = ledger
        self.open = open
        self.clock = clock
        self.isAtRest = isAtRest
    }
}

/// Everything known of a history when it is checked.
public struct Testimony: Sendable {
    public var observations: [(moment: Moment, what: Observation)]
    public var end: EndState
    /// The store's clock when the history began, without any error.
    public var beganAt: Instant
    /// The longest time in milliseconds within which an intended call ends, whatever happens.
    public var longestCall: Int64
    /// The number of attempts after which a delivery fails.
    public var maxAttempts: Int

    public init(
        observations: [(moment: Moment, what: Observation)], end: EndState, beganAt: Instant, longestCall: Int64,
        maxAttempts: Int
    ) {
        self.observations = observations
        self.end = end
        self.beganAt = beganAt
        self.longestCall = longestCall
        self.maxAttempts = maxAttempts
    }
}
