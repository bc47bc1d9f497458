public import JSON
import SobreModel
public import SobreStore

extension Wire {
    /// Writes the queue in numbers.
    public static func write(_ summary: QueueSummary, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("at", ifPresent: summary.at.rfc3339)
            writer.key("waiting")
            writer.value(summary.waiting)
            writer.key("in_flight")
            writer.value(summary.inFlight)
            writer.member("oldest_due_at", ifPresent: summary.oldestDueAt?.rfc3339)
            if let age = summary.oldestDueAge {
                writer.key("oldest_due_age_ms")
                writer.value(age.milliseconds)
            }
            writer.member("next_due_at", ifPresent: summary.nextDueAt?.rfc3339)
            writer.key("channels")
            writer.array { writer in
                for totals in summary.channels {
                    writer.object { writer in
                        writer.member("channel", ifPresent: totals.channel.description)
                        writer.key("waiting")
                        writer.value(totals.waiting)
                        writer.member("oldest_due_at", ifPresent: totals.oldestDueAt?.rfc3339)
                        writer.member("next_due_at", ifPresent: totals.nextDueAt?.rfc3339)
                    }
                }
            }
            writer.key("groups")
            writer.array { writer in for group in summary.groups { write(group, to: &writer) } }
            writer.key("omitted_groups")
            writer.value(summary.omittedGroups)
        }
    }

    private static func write(_ group: QueueSummary.Group, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("state", ifPresent: group.state.description)
            writer.member("channel", ifPresent: group.channel.description)
            writer.member("campaign", ifPresent: group.campaign)
            if group.isOfFurtherCampaigns {
                writer.key("further_campaigns")
                writer.value(true)
            }
            writer.member("reason", ifPresent: group.reason.nonEmpty)
            writer.key("count")
            writer.value(group.count)
            writer.member("oldest_at", ifPresent: group.oldestAt?.rfc3339)
        }
    }

    /// Reads the queue in numbers; nil when `ref` is not it. Groups in states and channels that are not known here are left
    /// out.
    public static func readQueue(_ ref: JSONRef) -> QueueSummary? {
        guard let at = instant(ref["at"]), let waiting = ref["waiting"]?.int else { return nil }
        return QueueSummary(
            at: at, waiting: waiting, inFlight: ref["in_flight"]?.int ?? 0,
            channels: ref["channels"]?.elements.compactMap { item in
                guard let channel = item["channel"]?.string.flatMap({ Channel(name: $0) }) else { return nil }
                return QueueSummary.ChannelTotals(
                    channel: channel, waiting: item["waiting"]?.int ?? 0, oldestDueAt: instant(item["oldest_due_at"]),
                    nextDueAt: instant(item["next_due_at"]))
            } ?? [],
            groups: ref["groups"]?.elements.compactMap { item in
                guard let state = item["state"]?.string.flatMap({ DeliveryState(name: $0) }),
                    let channel = item["channel"]?.string.flatMap({ Channel(name: $0) })
                else { return nil }
                return QueueSummary.Group(
                    state: state, channel: channel, campaign: item["campaign"]?.string,
                    isOfFurtherCampaigns: item["further_campaigns"]?.bool ?? false,
                    reason: item["reason"]?.string ?? "",
                    count: item["count"]?.int ?? 0, oldestAt: instant(item["oldest_at"]))
            } ?? [], omittedGroups: ref["omitted_groups"]?.int ?? 0)
    }

    private static func instant(_ ref: JSONRef?) -> Instant? { ref?.string.flatMap { Instant(rfc3339: $0) } }

    /// Writes a page of messages by state.
    public static func write(_ page: StatePage, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("messages")
            writer.array { writer in for row in page.rows { write(row.message, last: row.last, to: &writer) } }
            writer.member("next_after", ifPresent: page.next?.description)
        }
    }
}
