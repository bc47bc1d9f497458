public import SobreModel

/// Accepts messages. This is the part of a store that intake needs.
public protocol MessageStore: MessageHistory {
    /// Stores the messages and their queued deliveries in one transaction and checks each idempotency key.
    ///
    /// When the call returns, every `.accepted` message survives a crash and a power cut. Results are in the order of
    /// the submissions. Two submissions with one key in the same batch are checked one after the other.
    func enqueue(_ submissions: [Submission]) async throws(StoreError) -> [SubmissionResult]

    /// Cancels the deliveries of a message that still wait. Deliveries that are in flight or final are unchanged.
    ///
    /// Returns the states after the call, or nil when there is no such message.
    func cancel(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]?

    /// Queues the deliveries of a message that have failed once more, due at once and with no attempt used up.
    ///
    /// Everything that is decided for a message is decided anew. Deliveries in other states are unchanged, and so is a
    /// message that was cancelled or whose recipient was erased.
    ///
    /// - Parameter id: the message.
    /// - Returns: the states after the call, or nil when there is no such message.
    /// - Throws: `StoreError` when nothing was written.
    func retry(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]?
}

/// A validated message that is passed to the store.
public struct Submission: Sendable {
    /// The draft, in the box that the stored message shares.
    private var asked: Boxed<MessageDraft>
    /// The sender's idempotency key. Without one every submission is a new message.
    public var idempotencyKey: String?
    /// A hash of the whole request. It distinguishes a replay from a conflict.
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

    /// Makes the accepted message from this submission.
    public func message(id: MessageID, acceptedAt: Instant) -> Message {
        Message(id: id, acceptedAt: acceptedAt, asked: asked)
    }
}

public enum SubmissionResult: Hashable, Sendable {
    case accepted(MessageID)
    /// The same key and request were submitted before. Holds the ID of the first message.
    case replayed(MessageID)
    /// The same key was submitted before with another request. Nothing was stored.
    case conflict(MessageID)
}
