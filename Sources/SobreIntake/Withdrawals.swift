public import SobreModel
public import SobreStore

/// What the policy says about people who want no more.
public struct WithdrawalTerms: Sendable, Hashable {
    /// What a click on a link to unsubscribe ends.
    public enum Scope: String, Sendable, CaseIterable {
        /// Everything of the message's category.
        case category
        /// The message's topic, or its category where it has none.
        case topic
        /// Everything.
        case all
    }

    /// On which channels it ends it.
    public enum Reach: String, Sendable, CaseIterable {
        /// The channel of the message.
        case same
        /// All channels.
        case all
    }

    public var stopWords: StopWords
    public var scope: Scope
    public var reach: Reach

    /// Makes terms; the defaults hold without a policy's word.
    public init(stopWords: StopWords = StopWords(), scope: Scope = .category, reach: Reach = .same) {
        self.stopWords = stopWords
        self.scope = scope
        self.reach = reach
    }
}

/// Takes people's own word that they want no more: by a link in a message, or by answering one. In force at the next decision.
public struct Withdrawals: Sendable {
    /// What an inbound message came to.
    public enum Heard: String, Sendable {
        /// The address is sent no more messages.
        case stopped
        /// The address may be sent messages again, as far as STOP had ended it.
        case started
        /// No word that means anything here.
        case nothing
    }

    private let store: any ProfileStore & MessageStore
    private let keys: LinkKeys
    private let terms: @Sendable () -> WithdrawalTerms
    private let time: any TimeSource

    /// - Parameters:
    ///   - store: where suppressions are kept.
    ///   - keys: who has signed the links.
    ///   - time: the clock.
    ///   - terms: what the policy in force says; asked each time.
    public init(
        store: any ProfileStore & MessageStore, keys: LinkKeys, time: any TimeSource,
        terms: @escaping @Sendable () -> WithdrawalTerms = { WithdrawalTerms() }
    ) {
        self.store = store
        self.keys = keys
        self.time = time
        self.terms = terms
    }

    /// What a link is about; nil for one that is not ours. Changes nothing and asks nobody.
    public func token(_ text: String) -> UnsubscribeToken? { keys.read(text) }

    /// What a click on a link would end, and where: the category or topic (nil: everything), the channel (nil: all).
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

    /// Ends what a link is about, for the person and for the address to which the message went: somebody else's profile
    /// with the same mailbox is not written to either. Clicking again changes nothing.
    ///
    /// - Parameters:
    ///   - token: a link that was verified.
    ///   - evidence: how the link was used, for the record.
    /// - Throws: `StoreError`; then it may be tried again.
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
            let digits = String(subject.rawValue, radix: 16)
            let label = try await subject == token.person ? recipient(of: token) ?? digits : "address \(digits)"
            new.append(
                Suppression(
                    subject: subject, label: label, reason: .unsubscribed, channel: channel, category: category,
                    source: "link", at: now, evidence: evidence))
        }
        try await store.suppress(new)
    }

    /// The person's id, for people to read; nil when the message is kept no more.
    private func recipient(of token: UnsubscribeToken) async throws(StoreError) -> String? {
        guard let id = try await store.message(token.delivery.message)?.recipient, !id.isEmpty else { return nil }
        return id
    }

    /// Hears an inbound message: STOP and its like suppress the address on its channel (`stop_keyword`); START, UNSTOP and
    /// YES lift that, and nothing else, unless a later STOP came in between. Hearing the same message again changes
    /// nothing.
    public func hear(_ message: InboundMessage) async throws(StoreError) -> Heard {
        guard let wish = terms().stopWords.wish(of: message.text) else { return .nothing }
        let now = time.now()
        let at = min(message.receivedAt ?? now, now)
        let address = Address(channel: message.channel, value: message.from)
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
