public import SobreModel

/// The history of one recipient: messages on all channels, consents and suppressions.
public struct Timeline: Hashable, Sendable {
    /// The recipient's messages, newest first.
    public var items: [TimelineItem]
    /// The recipient's consents and refusals, oldest first.
    public var consents: [ConsentRecord]
    /// Suppressions of the recipient and of its addresses that were set or lifted, oldest first.
    public var suppressions: [SuppressionRecord]
    /// The channel of each of the recipient's addresses, by the address's key hash. Suppressions use the same key.
    public var channels: [KeyHash: Channel]
    /// Where the next page begins; nil when there is none.
    public var next: TimelineCursor?

    public init(
        items: [TimelineItem], consents: [ConsentRecord] = [], suppressions: [SuppressionRecord] = [],
        channels: [KeyHash: Channel] = [:]
    ) {
        self.items = items
        self.consents = consents
        self.suppressions = suppressions
        self.channels = channels
    }

    public var isEmpty: Bool { items.isEmpty && consents.isEmpty && suppressions.isEmpty }

    /// Reads the newest entries of each kind, at most `limit` each, under all names and current addresses of a
    /// recipient.
    ///
    /// - Parameters:
    ///   - person: any name of the recipient.
    ///   - cursor: ``next`` of the page before; nil: the newest entries.
    ///   - limit: how many entries of each kind.
    ///   - store: where they are.
    /// - Returns: the page.
    /// - Throws: `StoreError` when the store cannot be read.
    public static func read(
        _ person: String, before cursor: TimelineCursor? = nil, limit: Int, from store: any PersonHistory & LogStore
    ) async throws(StoreError) -> Timeline {
        let place = cursor ?? .start
        var next = TimelineCursor(message: 0, consent: 0, suppression: 0)
        var timeline = Timeline(
            items: try await store.timeline(
                recipient: person, before: MessageID(rawValue: place.message), limit: limit))
        if timeline.items.count == limit { next.message = timeline.items.last?.message.id.rawValue ?? 0 }
        next.consent = try await timeline.readConsents(of: person, before: place.consent, limit: limit, from: store)
        for address in try await store.profile(person)?.addresses ?? [] {
            timeline.channels[address.subject] = address.channel
        }
        next.suppression = try await timeline.readSuppressions(
            of: person, before: place.suppression, limit: limit, from: store)
        if next != TimelineCursor(message: 0, consent: 0, suppression: 0) { timeline.next = next }
        return timeline
    }

    /// Returns the place where the next page begins, or 0. The consent history can only be read from its beginning; a
    /// recipient's is short.
    private mutating func readConsents(
        of person: String, before place: Int64, limit: Int, from store: any PersonHistory
    ) async throws(StoreError) -> Int64 {
        let page = 1_000
        var last: Int64 = 0
        var hasMore = false
        var isRead = false
        while !isRead {
            let records = try await store.consentHistory(of: person, after: last, limit: page)
            // Entries of erased recipients have no recipient and are left out.
            consents += records.filter { !$0.recipient.isEmpty && $0.sequence < place }
            hasMore = hasMore || consents.count > limit
            consents.removeFirst(max(0, consents.count - limit))
            last = records.last?.sequence ?? last
            isRead = records.count < page || last >= place
        }
        return hasMore ? consents.first?.sequence ?? 0 : 0
    }

    /// Returns the place where the next page begins, or 0.
    private mutating func readSuppressions(
        of person: String, before place: Int64, limit: Int, from store: any PersonHistory
    ) async throws(StoreError) -> Int64 {
        var records: [SuppressionRecord] = []
        for subject in [KeyHash.recipient(person)] + channels.keys {
            records += try await store.suppressionHistory(of: subject, before: place, limit: limit)
        }
        records.sort { $0.sequence < $1.sequence }
        let hasMore = records.count >= limit
        // Of a subject with more than these, the rest lies before all that stay.
        records.removeFirst(max(0, records.count - limit))
        suppressions = records.filter { !$0.suppression.label.isEmpty }
        return hasMore ? records.first?.sequence ?? 0 : 0
    }
}

extension ConsentRecord {
    /// When the consent was given or refused. Where this is unknown, when it was recorded.
    public var saidAt: Instant { consent.at ?? recordedAt }
}
