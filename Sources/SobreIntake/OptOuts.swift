public import SobreModel
public import SobreSettings
public import SobreStore

/// The policy's settings for opt-outs.
public struct OptOutTerms: Sendable, Hashable {
    /// What an unsubscribe link suppresses.
    public enum Scope: String, Sendable, CaseIterable {
        /// The message's category.
        case category
        /// The message's topic, or its category if it has none.
        case topic
        /// All messages.
        case all
    }

    /// The channels that an unsubscribe link suppresses.
    public enum Reach: String, Sendable, CaseIterable {
        /// The channel of the message only.
        case same
        /// All channels.
        case all
    }

    public var keywords: OptOutKeywords
    public var scope: Scope
    public var reach: Reach

    /// Makes terms. The defaults apply when the policy sets nothing.
    public init(keywords: OptOutKeywords = OptOutKeywords(), scope: Scope = .category, reach: Reach = .same) {
        self.keywords = keywords
        self.scope = scope
        self.reach = reach
    }
}

/// Records recipients' own opt-outs, through an unsubscribe link or an inbound message. They are in force from the next
/// decision on.
public struct OptOuts: Sendable {
    /// The effect of an inbound message.
    public enum InboundEffect: String, Sendable {
        /// The address is suppressed.
        case stopped
        /// The suppression by an earlier STOP is lifted.
        case started
        /// The message is not a keyword. Nothing changes.
        case nothing
    }

    private let store: any ProfileStore & MessageStore & InboundStore
    private let keys: LinkKeys
    private let terms: @Sendable () -> OptOutTerms
    private let time: any TimeSource
    private let maxUnmatched: Int

    /// - Parameters:
    ///   - store: holds the suppressions.
    ///   - keys: verifies the links.
    ///   - time: the current time.
    ///   - maxUnmatched: how many inbound messages are kept that are no keyword.
    ///   - terms: the settings of the policy in force, read for each call.
    public init(
        store: any ProfileStore & MessageStore & InboundStore, keys: LinkKeys, time: any TimeSource,
        maxUnmatched: Int = ReceiptLimits().maxUnheard,
        terms: @escaping @Sendable () -> OptOutTerms = { OptOutTerms() }
    ) {
        self.store = store
        self.keys = keys
        self.time = time
        self.maxUnmatched = maxUnmatched
        self.terms = terms
    }

    /// The content of a link; nil if it is not one of ours. Does not access the store.
    public func token(_ text: String) -> UnsubscribeToken? { keys.read(text) }

    /// The scope that a link would suppress: the category or topic (nil for all), and the channel (nil for all).
    public func scope(of token: UnsubscribeToken) -> (category: String?, channel: Channel?) {
        let terms = terms()
        let category: String? =
            switch terms.scope {
            case .category: token.category
            case .topic: token.topic ?? token.category
            case .all: nil
            }
        return (category, terms.reach == .same ? token.channel : nil)
    }

    /// Suppresses the link's scope for the recipient, and for the address to which the message was sent, so that
    /// another profile with the same address is covered too. Repeating it changes nothing.
    ///
    /// - Parameters:
    ///   - token: a verified token.
    ///   - evidence: how the link was used, for the history.
    /// - Throws: `StoreError`; the call may be retried.
    public func unsubscribe(_ token: UnsubscribeToken, evidence: String) async throws(StoreError) {
        let (category, channel) = scope(of: token)
        let now = time.now()
        var subjects = [token.person]
        if let address = try await store.address(of: token.delivery) { subjects.append(address) }
        var new: [Suppression] = []
        for subject in subjects {
            let known = try await store.suppressions(subject: subject, limit: 1_000)
            let isKnown = known.contains {
                $0.reason == .unsubscribed && $0.category == category && ($0.channel == nil || $0.channel == channel)
            }
            if isKnown { continue }
            new.append(
                Suppression(
                    subject: subject, label: try await label(of: subject, in: token), reason: .unsubscribed,
                    channel: channel, category: category,
                    source: "link", at: now, evidence: evidence))
        }
        try await store.suppress(new)
    }

    /// The recipient's id, or the masked address; the hash if the message or the profile has been removed.
    private func label(of subject: KeyHash, in token: UnsubscribeToken) async throws(StoreError) -> String {
        let digits = String(subject.rawValue, radix: 16)
        let id = try await store.message(token.delivery.message)?.recipient ?? ""
        if subject == token.person { return id.isEmpty ? digits : id }
        let addresses = try await id.isEmpty ? [] : store.profile(id)?.addresses ?? []
        return addresses.first { $0.subject == subject }?.masked ?? "address \(digits)"
    }

    /// Keeps a message that no program understood, for a person to read.
    ///
    /// - Parameter message: the message.
    /// - Throws: `StoreError`; the call may be retried.
    public func keep(_ message: UnmatchedInboundMessage) async throws(StoreError) {
        try await store.keep(unmatched: message, atMost: maxUnmatched)
    }

    /// Applies an inbound message. It opens the window for free texts on its channel. An opt-out keyword suppresses the address on its channel (`stop_keyword`). An opt-in
    /// keyword lifts that suppression and no other, unless a later STOP exists. Repeating the same message changes
    /// nothing.
    public func apply(_ message: InboundMessage) async throws(StoreError) -> InboundEffect {
        let now = time.now()
        let at = min(message.receivedAt ?? now, now)
        let address = Address(channel: message.channel, value: message.from)
        // Also a STOP opens the window, which a START that is said in another way finds open.
        if message.channel.usesApprovedTemplates {
            try await store.note(LastInbound(address: address.subject, at: at))
        }
        guard let wish = terms().keywords.wish(of: message.text) else {
            // A wish to be sent no more may be said in any words: people must be able to read it.
            try await keep(
                UnmatchedInboundMessage(
                    receivedAt: at, channel: message.channel, sender: address.subject, label: address.masked,
                    provider: message.provider, words: message.words))
            return .nothing
        }
        switch wish {
        case .stop:
            let known = try await store.suppressions(subject: address.subject, limit: 1_000)
            let isKnown = known.contains { $0.reason == .stopKeyword && $0.category == nil && $0.at >= at }
            if isKnown { return .stopped }
            try await store.suppress([
                Suppression(
                    subject: address.subject, label: address.masked, reason: .stopKeyword,
                    source: message.source, at: at, evidence: message.evidence)
            ])
            return .stopped
        case .start:
            _ = try await store.lift(
                subject: address.subject, channel: nil, category: nil, reason: .stopKeyword, notAfter: at,
                by: SuppressionLifting(source: message.source, at: at, evidence: message.evidence))
            return .started
        }
    }
}
