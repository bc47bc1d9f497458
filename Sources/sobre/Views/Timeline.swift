import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreStore

/// What happened to one person: messages over all channels, and what the person wants or wants no more.
struct Timeline {
    /// A person's messages, the newest first.
    var items: [TimelineItem]
    /// What the person allowed or refused, the oldest first.
    var consents: [ConsentRecord] = []
    /// What stands against contacting the person, or one of the person's addresses.
    var suppressions: [Suppression] = []
    /// The channels of the person's addresses, by which suppressions are kept.
    var channels: [Symbol: Channel] = [:]

    var isEmpty: Bool { items.isEmpty && consents.isEmpty && suppressions.isEmpty }

    /// The newest of each, at most `limit`, under all names and addresses of the person.
    static func read(_ person: String, limit: Int, from reader: SQLiteReader) async throws(StoreError) -> Timeline {
        var timeline = Timeline(items: try await reader.timeline(recipient: person, limit: limit))
        // The history is read from its beginning; a person's is short.
        let page = 1_000
        var last: Int64 = 0
        var isRead = false
        while !isRead {
            let records = try await reader.consentHistory(of: person, after: last, limit: page)
            // Of somebody who was erased nothing is told.
            timeline.consents += records.filter { !$0.recipient.isEmpty }
            timeline.consents.removeFirst(max(0, timeline.consents.count - limit))
            last = records.last?.sequence ?? last
            isRead = records.count < page
        }
        for address in try await reader.profile(person)?.addresses ?? [] {
            timeline.channels[address.subject] = address.channel
        }
        for subject in [Symbol.recipient(person)] + timeline.channels.keys {
            timeline.suppressions += try await reader.suppressions(subject: subject, limit: limit)
        }
        timeline.suppressions.sort { ($0.at, $0.label, $0.reason.rawValue) > ($1.at, $1.label, $1.reason.rawValue) }
        timeline.suppressions.removeLast(max(0, timeline.suppressions.count - limit))
        return timeline
    }

    /// One JSON object a line, the oldest first: a message with its deliveries, or an object with nothing but `consent` or
    /// `suppression`.
    func json() -> [UInt8] {
        var lines = items.reversed().map { item in
            (item.message.acceptedAt, JSONWriter.line { Wire.write(item.message, last: item.last, to: &$0) })
        }
        for record in consents {
            lines.append((record.saidAt, Self.line("consent") { Wire.write(record, to: &$0) }))
        }
        for suppression in suppressions {
            lines.append((suppression.at, Self.line("suppression") { Wire.write(suppression, to: &$0) }))
        }
        return lines.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.flatMap(\.element.1)
    }

    private static func line(_ key: String, _ value: (inout JSONWriter) -> Void) -> [UInt8] {
        JSONWriter.line { writer in
            writer.object { writer in
                writer.key(key)
                value(&writer)
            }
        }
    }
}

extension ConsentRecord {
    /// When it was said; where nobody knows, when it was recorded.
    var saidAt: Instant { consent.at ?? recordedAt }
}
