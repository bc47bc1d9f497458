public import SobreModel

/// What happened to one person: messages over all channels, and what the person wants or wants no more.
public struct Timeline: Hashable, Sendable {
    /// A person's messages, the newest first.
    public var items: [TimelineItem]
    /// What the person allowed or refused, the oldest first.
    public var consents: [ConsentRecord]
    /// What was set against contacting the person, or one of the person's addresses, and what was lifted, in this order.
    public var suppressions: [SuppressionRecord]
    /// The channels of the person's addresses, by which suppressions are kept.
    public var channels: [KeyHash: Channel]

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

    /// Reads the newest of each, at most `limit`, under all names and present addresses of a person.
    public static func read(
        _ person: String, limit: Int, from store: any PersonHistory & LogStore
    ) async throws(StoreError) -> Timeline {
        var timeline = Timeline(items: try await store.timeline(recipient: person, limit: limit))
        // The history is read from its beginning; a person's is short.
        let page = 1_000
        var last: Int64 = 0
        var isRead = false
        while !isRead {
            let records = try await store.consentHistory(of: person, after: last, limit: page)
            // Of somebody who was erased nothing is told.
            timeline.consents += records.filter { !$0.recipient.isEmpty }
            timeline.consents.removeFirst(max(0, timeline.consents.count - limit))
            last = records.last?.sequence ?? last
            isRead = records.count < page
        }
        for address in try await store.profile(person)?.addresses ?? [] {
            timeline.channels[address.subject] = address.channel
        }
        for subject in [KeyHash.recipient(person)] + timeline.channels.keys {
            timeline.suppressions += try await store.suppressionHistory(of: subject, before: nil, limit: limit)
                .filter { !$0.suppression.label.isEmpty }
        }
        timeline.suppressions.sort { $0.sequence < $1.sequence }
        timeline.suppressions.removeFirst(max(0, timeline.suppressions.count - limit))
        return timeline
    }
}

extension ConsentRecord {
    /// When it was said; where nobody knows, when it was recorded.
    public var saidAt: Instant { consent.at ?? recordedAt }
}
