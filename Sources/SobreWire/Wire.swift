public import JSON
import SobreIntake
public import SobreModel
import Text

/// The JSON representation of the model's values. The API, the command line and the tests share it.
///
/// Instants are RFC 3339 in UTC. Ids are text. Absent values are omitted, not `null`.
public enum Wire {
    /// Writes one entry of the delivery log, without the fields of its message.
    public static func write(_ entry: LogEntry, to writer: inout JSONWriter) {
        writer.object { members(of: entry, to: &$0) }
    }

    static func members(of entry: LogEntry, to writer: inout JSONWriter) {
        writer.key("sequence")
        writer.value(entry.sequence)
        writer.key("at")
        writer.value(entry.at.rfc3339)
        writer.key("message")
        writer.value(entry.delivery.message.description)
        writer.key("delivery")
        writer.value(entry.delivery.description)
        writer.key("state")
        writer.value(entry.state.description)
        writer.member("reason", ifPresent: entry.reason.nonEmpty)
        writer.member("channel", ifPresent: entry.channel?.description)
        writer.member("provider", ifPresent: entry.provider)
        writer.member("provider_id", ifPresent: entry.providerID)
        if entry.attempt > 0 {
            writer.key("attempt")
            writer.value(entry.attempt)
        }
        writer.member("detail", ifPresent: entry.detail.nonEmpty)
        writer.member("due_at", ifPresent: entry.dueAt?.rfc3339)
        if entry.possibleDuplicate {
            writer.key("possible_duplicate")
            writer.value(true)
        }
        if entry.policyVersion > 0 {
            writer.key("policy_version")
            writer.value(entry.policyVersion)
        }
        writer.member("template_version", ifPresent: entry.templateVersion.nonEmpty)
    }

    /// Writes a message with its overall state and the last log entry of each delivery.
    public static func write(_ message: Message, last: [LogEntry], to writer: inout JSONWriter) {
        writer.object { writer in
            members(of: message, to: &writer)
            let states = last.map(\.state)
            writer.member("state", ifPresent: DeliveryState.overall(states)?.description)
            writer.key("final")
            writer.value(states.allSatisfy(\.isFinal))
            writer.key("deliveries")
            writer.array { writer in for entry in last { write(entry, to: &writer) } }
        }
    }

    static func members(of message: Message, to writer: inout JSONWriter) {
        writer.key("id")
        writer.value(message.id.description)
        writer.key("accepted_at")
        writer.value(message.acceptedAt.rfc3339)
        writer.key("recipient")
        writer.value(message.draft.recipient)
        writer.key("template")
        writer.value(message.draft.template)
        writer.member("campaign", ifPresent: message.draft.campaign)
        writer.member("journey", ifPresent: message.draft.journey)
        writer.key("category")
        writer.value(message.draft.category)
        writer.member("topic", ifPresent: message.draft.topic)
        if !message.draft.tags.isEmpty {
            writer.key("tags")
            writer.value(message.draft.tags)
        }
        writer.key("channels")
        writer.value(message.draft.channels.map(\.description))
        writer.key("route")
        write(message.draft.route, message.draft.escalation, to: &writer)
        writer.key("priority")
        writer.value(message.draft.priority.description)
        if let within = message.draft.bestTimeWithin {
            writer.key("send")
            writer.object { writer in
                writer.key("best_time")
                writer.object { writer in
                    writer.key("within")
                    writer.value(DurationText.exact(within))
                }
            }
        }
        writer.member("send_at", ifPresent: message.draft.sendAt?.rfc3339)
        writer.member("expires_at", ifPresent: message.draft.expiresAt?.rfc3339)
        writer.member("dedup_key", ifPresent: message.draft.dedupKey)
        writer.member("tenant", ifPresent: message.draft.tenant)
        writer.member("activity", ifPresent: message.draft.activity)
        writer.member("traceparent", ifPresent: message.draft.trace?.text)
        if message.draft.isTest {
            writer.key("test")
            writer.value(true)
        }
        if let flags = message.draft.capFlags {
            writer.key("caps")
            writer.object { writer in
                writer.key("obey")
                writer.value(flags.obeys)
                writer.key("count")
                writer.value(flags.counts)
                writer.member("by", ifPresent: flags.by)
            }
        }
        writer.key("data")
        writer.raw(message.draft.data)
        if !message.draft.attachments.isEmpty {
            writer.key("attachments")
            writer.files(message.draft.attachments)
        }
    }

    /// A route as a message names it.
    private static func write(_ route: ChannelRoute, _ escalation: Escalation, to writer: inout JSONWriter) {
        guard route == .escalate else { return writer.value(route.description) }
        writer.object { writer in
            writer.key("escalate")
            writer.object { writer in
                writer.key("after")
                writer.value(DurationText.exact(escalation.after))
                writer.key("until")
                writer.value(escalation.until.description)
            }
        }
    }

    /// The last entry of each delivery in a history, ordered by delivery.
    public static func last(of history: [LogEntry]) -> [LogEntry] {
        var last: [DeliveryID: LogEntry] = [:]
        for entry in history where entry.sequence >= last[entry.delivery]?.sequence ?? .min {
            last[entry.delivery] = entry
        }
        return last.values.sorted { $0.delivery < $1.delivery }
    }
}

extension String {
    /// The text, or nil when it is empty.
    var nonEmpty: String? { isEmpty ? nil : self }
}
