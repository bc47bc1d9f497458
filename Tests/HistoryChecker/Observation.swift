public import SobreModel

/// When something happened: by a clock that nobody can set, and in which order.
public struct Moment: Hashable, Comparable, Sendable {
    /// Milliseconds of true time since the history began.
    public var at: Int64
    /// Of two things in one millisecond the smaller came first.
    public var order: Int

    public init(at: Int64, order: Int) {
        self.at = at
        self.order = order
    }

    public static func < (a: Moment, b: Moment) -> Bool { a.order < b.order }
}

/// One thing that was seen from outside of what is being judged: at the door, at the disk, or at the far end.
public enum Observation: Sendable {
    // At the door.
    /// A message became durable, and its sender is told so.
    case accepted(MessageID, MessageDraft, key: String?, request: KeyHash)
    /// A key came again with the same request.
    case replayed(MessageID, key: String, request: KeyHash)
    /// A key came again with another request.
    case conflicted(MessageID, key: String, request: KeyHash)

    // At the disk: when it was committed.
    case put(Profile)
    /// Two people turned out to be one: what was known of the first is known of the second. And the one profile of both.
    case merged(from: String, into: String, Profile)
    case suppressed(Suppression)
    /// Under all names of the person.
    case lifted(person: String)
    case cancelled(MessageID)
    /// A new policy is in force, and this is what it promises.
    case promised(version: Int, Promise)
    case claimed(DeliveryID, epoch: Int64)
    case admitted(Intent)
    /// The decision was not to send now.
    case refused(Refusal)
    /// A delivery left the line before anything was decided.
    case settled(DeliveryID, DeliveryState)
    case recorded(Ending)

    // At the far end.
    case requested(Request)
    /// The provider has taken the message of a request: from here on the person will get it.
    case took(request: Int)

    /// A provider told us, and was told that we have it.
    case reported(DeliveryID, ReportedEvent, provider: String)
    /// What was told has been made use of, or was found to be of none: from here on it is known.
    case digested(DeliveryID, ReportedEvent, provider: String, at: Instant)

    // The machine.
    case crashed
    case started
    case stopped
    /// The wall clock was set: it now stands this many milliseconds ahead of the truth.
    case clockSet(ahead: Int64)
    /// A call of the store failed after its commit: the caller does not know what was done.
    case answerLost(call: String)
}

/// The right to make one call, made durable before the call.
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
    /// The person's other devices, reached by the same attempt.
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
    /// What the decision read in the message.
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

/// What was recorded of an attempt.
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

/// What arrived at a provider.
public struct Request: Sendable {
    /// The far end's own number.
    public var number: Int
    public var provider: String
    /// Our reference and the count of attempts, as they stand in the request.
    public var reference: String
    public var attempt: Int
    public var channel: Channel
    /// As it stands in the request.
    public var address: String
    public var words: String
    public var saysPossibleDuplicate: Bool
    /// Whether the far end answers so that it is plain what became of the request.
    public var answersPlainly: Bool
    /// It answers that the address does not exist, or no more.
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

/// What stands in the tables when everything is at rest.
public struct EndState: Sendable {
    /// Each delivery's log, oldest first.
    public var logs: [DeliveryID: [LogEntry]]
    /// The messages that can still be read.
    public var messages: Set<MessageID>
    /// Every contact that still counts, by its number.
    public var ledger: [Int64: LedgerEntry]
    public var open: Int
    /// By the node's clock.
    public var clock: Instant
    /// Nothing went on by itself any more.
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

/// All that is known of a history when it is judged.
public struct Testimony: Sendable {
    public var observations: [(moment: Moment, what: Observation)]
    public var end: EndState
    /// The store's clock when the history began, without any mistake.
    public var beganAt: Instant
    /// Milliseconds within which a call that was intended has ended, whatever happens.
    public var longestCall: Int64
    /// Attempts that a delivery may have before it fails.
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
