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
    public static func read(
        _ person: String, limit: Int, from store: any PersonHistory & LogStore
    ) async throws(StoreError) -> Timeline {
        var timeline = Timeline(items: try await store.timeline(recipient: person, limit: limit))
        // The consent history can only be read from its beginning. A recipient's history is short.
        let page = 1_000
        var last: Int64 = 0
        var isRead = false
        while !isRead {
            let records = try await store.consentHistory(of: person, after: last, limit: page)
            // Entries of erased recipients have no recipient and are left out.
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
    /// When the consent was given or refused. Where this is unknown, when it was recorded.
    public var saidAt: Instant { consent.at ?? recordedAt }
}
