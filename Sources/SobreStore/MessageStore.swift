public import SobreModel

/// Accepting messages: what intake needs of a store.
public protocol MessageStore: MessageHistory {
    /// Stores the messages and their queued deliveries in one transaction, each with an idempotency check.
    ///
    /// Guarantee: when it returns, every `.accepted` message survives a crash and a power cut. Results come in the order
    /// of the submissions. Two submissions with one key in the same batch are judged one after the other.
    func enqueue(_ submissions: [Submission]) async throws(StoreError) -> [SubmissionResult]

    /// Stops deliveries of a message that still wait. Those in flight or final are untouched.
    ///
    /// Returns the states after the call; nil when there is no such message.
    func cancel(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]?
}

/// A checked message on its way into the store.
public struct Submission: Sendable {
    /// What was asked for, in the box that the message will keep.
    private var asked: Boxed<MessageDraft>
    /// The sender's idempotency key; nil: every submission is a new message.
    public var idempotencyKey: String?
    /// A hash of the whole request: tells a replay from a conflict.
    public var requestHash: KeyHash

    public init(draft: MessageDraft, idempotencyKey: String? = nil, requestHash: KeyHash = .none) {
        asked = Boxed(draft)
        self.idempotencyKey = idempotencyKey
        self.requestHash = requestHash
    }

    public var draft: MessageDraft {
        _read { yield asked.value }
        set { asked.value = newValue }
    }

    /// The message, accepted.
    public func message(id: MessageID, acceptedAt: Instant) -> Message {
        Message(id: id, acceptedAt: acceptedAt, asked: asked)
    }
}

public enum SubmissionResult: Hashable, Sendable {
    case accepted(MessageID)
    /// The same key and request came before: the first message's id.
    case replayed(MessageID)
    /// The same key came before with another request; nothing was stored.
    case conflict(MessageID)
}
