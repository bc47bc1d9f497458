public import SobreModel

/// Which receipts of the inbox are meant. All conditions must hold; without any, all receipts are.
public struct ReceiptFilter: Hashable, Sendable {
    /// Only receipts of this message.
    public var message: MessageID?
    /// Only the receipts with these numbers; empty: any.
    public var ids: [Int64]
    /// Only receipts of this provider.
    public var provider: String?
    /// Only receipts that arrived at this time or later.
    public var since: Instant?
    /// Only receipts that arrived before this time.
    public var until: Instant?
    /// Only receipts without effect so far, because their message or its outcome is not known: `waiting` and `lapsed`.
    public var isUnmatched: Bool

    public init(
        message: MessageID? = nil, ids: [Int64] = [], provider: String? = nil, since: Instant? = nil,
        until: Instant? = nil, isUnmatched: Bool = false
    ) {
        self.message = message
        self.ids = ids
        self.provider = provider
        self.since = since
        self.until = until
        self.isUnmatched = isUnmatched
    }

    /// Whether it means all receipts.
    public var isEmpty: Bool { self == ReceiptFilter() }
}
