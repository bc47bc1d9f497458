public import SobreModel

/// What somebody with a key or a command did. The raw values are stored and part of the API.
public enum AuditAction: String, CaseIterable, Sendable {
    case cancel
    case retry
    case pause
    case resume
    case suppress
    /// Suppressions were lifted.
    case lift
    case consent
    case keyCreated = "key_created"
    case keyRevoked = "key_revoked"
    /// Another policy came into force.
    case policy
    /// Settings, providers, templates and the policy were read again, or the files were refused.
    case reload
    case merge
    case erase
    /// A subscription to events was stopped, started again or set back.
    case eventsPaused = "events_paused"
    case eventsResumed = "events_resumed"
    case eventsReplayed = "events_replayed"
}

/// An entry of the audit trail, which is append-only.
///
/// It holds no address, apart from masked ones. The erasure of a recipient removes from it what names the recipient.
public struct AuditEntry: Hashable, Sendable {
    /// Increases with each entry of a store.
    public var sequence: Int64
    public var at: Instant
    public var author: Author
    public var action: AuditAction
    /// What was changed: `message 01jd3v8k6m1r0`, a recipient's ID, `key k_12ab34cd56`, the conditions of a retry.
    public var subject: String
    /// More about the change, such as `3 of 4 deliveries`, or empty.
    public var detail: String

    public init(
        sequence: Int64, at: Instant, author: Author, action: AuditAction, subject: String, detail: String = ""
    ) {
        self.sequence = sequence
        self.at = at
        self.author = author
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}
