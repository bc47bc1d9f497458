/// A permission of an API key.
public enum APIScope: String, Sendable, Hashable, CaseIterable {
    /// Send and cancel messages, put profiles.
    case enqueue
    /// Read messages, the log, profiles, suppressions and metrics; make dry-run decisions.
    case read
    /// Everything, including suppressions and keys.
    case admin
    /// Post providers' receipts and inbound messages.
    case receipts
}
