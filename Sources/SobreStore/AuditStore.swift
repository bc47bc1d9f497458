public import SobreModel

/// Reads the audit trail.
public protocol AuditHistory: Sendable {
    /// Entries that match, newest first.
    func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditEntry]
}

/// The audit trail: every change that a key or a command ordered.
///
/// A store writes the entry in the transaction of the change, for ``Author/current``. A change without an author has no
/// entry, except that of a policy.
public protocol AuditStore: AuditHistory {
    /// Appends an entry for a change that the store does not make itself, such as a reload of the settings.
    ///
    /// - Parameters:
    ///   - action: what was done.
    ///   - subject: what it was done to, without addresses and credentials.
    ///   - detail: more about the change.
    /// - Throws: `StoreError` when the entry cannot be written.
    func audit(_ action: AuditAction, subject: String, detail: String) async throws(StoreError)

    /// Removes entries older than their retention, at most `limit`. The newest entry is kept.
    ///
    /// - Returns: the number of entries removed.
    func pruneAudit(before: Instant, limit: Int) async throws(StoreError) -> Int
}

/// A filter over the audit trail. A condition that is nil or empty matches everything.
public struct AuditQuery: Hashable, Sendable {
    /// Only entries before this sequence number.
    public var before: Int64?
    public var limit: Int
    /// The name of an author.
    public var author: String?
    public var actions: Set<AuditAction>
    public var since: Instant?
    public var until: Instant?

    public init(
        before: Int64? = nil, limit: Int = 50, author: String? = nil, actions: Set<AuditAction> = [],
        since: Instant? = nil, until: Instant? = nil
    ) {
        self.before = before
        self.limit = limit
        self.author = author
        self.actions = actions
        self.since = since
        self.until = until
    }
}
