public import JSON
public import SobreModel
public import SobreStore

extension Wire {
    /// Writes an event: a row of the delivery log. The API, the stream, webhooks and exports have this one form.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - previous: The cursor of the event before it in a subscription; nil to leave it out.
    ///   - address: The address to which the delivery went; nil to leave it out.
    ///   - writer: Takes the JSON object.
    public static func write(
        _ row: LogRow, previous: LogCursor? = nil, address: Address? = nil, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("id")
            writer.value(eventID(of: row.entry))
            writer.key("cursor")
            writer.value(row.cursor.description)
            writer.member("previous", ifPresent: previous?.description)
            members(of: row.entry, to: &writer)
            if let cause = DecisionCause(row.entry) { members(of: cause, to: &writer) }
            writer.key("recipient")
            writer.value(row.recipient)
            writer.member("address", ifPresent: address?.value)
            writer.key("template")
            writer.value(row.template)
            writer.member("campaign", ifPresent: row.campaign)
            writer.key("category")
            writer.value(row.category)
            writer.member("traceparent", ifPresent: row.trace?.text)
        }
    }

    /// The stable ID of an event. It is the same wherever and however often the event is sent.
    public static func eventID(of entry: LogEntry) -> String { "\(entry.delivery).\(entry.sequence)" }

    private static func members(of cause: DecisionCause, to writer: inout JSONWriter) {
        writer.member("step", ifPresent: cause.step)
        writer.member("rule", ifPresent: cause.rule)
        if !cause.blockedBy.isEmpty {
            writer.key("blocked_by")
            writer.value(cause.blockedBy)
        }
        if let pause = cause.pause {
            writer.key("pause")
            writer.value(pause)
        }
        writer.member("next_slot_at", ifPresent: cause.nextSlotAt?.rfc3339)
    }
}
