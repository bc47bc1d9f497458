public import SobreModel

/// A message of a recipient that held no word that acts by itself. People must read it: a wish to be sent no more may be
/// said in any words (47 CFR §64.1200(a)(10)).
public struct UnmatchedInboundMessage: Hashable, Sendable {
    public var receivedAt: Instant
    public var channel: Channel
    /// The address that sent it.
    public var sender: KeyHash
    /// The address, masked.
    public var label: String
    /// Who handed it to us; nil: not known.
    public var provider: String?
    /// What it says, bounded, on one line.
    public var words: String

    public init(
        receivedAt: Instant, channel: Channel, sender: KeyHash, label: String, provider: String?, words: String
    ) {
        self.receivedAt = receivedAt
        self.channel = channel
        self.sender = sender
        self.label = label
        self.provider = provider
        self.words = words
    }
}

/// Reads the messages of recipients that were not understood, and when recipients last wrote.
public protocol InboundHistory: Sendable {
    /// The newest ones, newest first; with a place those before it.
    func unmatchedMessages(before place: Int64?, limit: Int) async throws(StoreError) -> UnmatchedPage

    /// A page of the times at which addresses last wrote to us, in the order of the addresses' hashes.
    func lastInbound(after address: KeyHash?, limit: Int) async throws(StoreError) -> [LastInbound]
}

extension InboundHistory {
    /// The newest ones, newest first.
    public func unmatchedMessages(limit: Int) async throws(StoreError) -> [UnmatchedInboundMessage] {
        try await unmatchedMessages(before: nil, limit: limit).messages
    }
}

/// A page of messages that were not understood, newest first.
public struct UnmatchedPage: Hashable, Sendable {
    public var messages: [UnmatchedInboundMessage]
    /// The place where the next page begins; nil when there is none.
    public var next: Int64?

    public init(messages: [UnmatchedInboundMessage], next: Int64? = nil) {
        self.messages = messages
        self.next = next
    }
}

/// Keeps the messages of recipients that were not understood, and when recipients last wrote.
public protocol InboundStore: InboundHistory {
    /// Keeps a message, and the newest `count` of all. They are pruned with the receipts, and erased with the person whose
    /// address sent them.
    func keep(unmatched message: UnmatchedInboundMessage, atMost count: Int) async throws(StoreError)

    /// Notes that an address wrote to us, unless it did so later. It is forgotten when the receipts of its time are pruned
    /// and it can open no window any more, and with the person whose address it is.
    func note(_ inbound: LastInbound) async throws(StoreError)
}
