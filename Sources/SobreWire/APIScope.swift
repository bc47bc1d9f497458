/// What a key allows.
public enum APIScope: String, Sendable, Hashable, CaseIterable {
    /// Send and cancel messages, put profiles.
    case enqueue
    /// Read messages, the log, profiles, suppressions, metrics; dry runs.
    case read
    /// Everything, suppressions and keys included.
    case admin
    /// Hand in providers' receipts.
    case receipts
}
