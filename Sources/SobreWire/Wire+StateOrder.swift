public import JSON
import SobreModel
public import SobreStore

extension Wire {
    /// Writes an order as the body of `POST /v1/messages/retry` or `/cancel`.
    public static func write(
        _ order: StateOrder, after cursor: StateCursor?, limit: Int, to writer: inout JSONWriter
    ) {
        let filter = order.filter
        writer.object { writer in
            if !filter.states.isEmpty {
                writer.key("state")
                writer.value(filter.states.map(\.description).sorted())
            }
            if !filter.reasons.isEmpty {
                writer.key("reason")
                writer.value(filter.reasons.sorted())
            }
            writer.member("recipient", ifPresent: filter.recipient)
            writer.member("tag", ifPresent: filter.tag)
            for part in DeliveryFilter.Part.allCases {
                guard let text = filter.selector[part] else { continue }
                writer.key(part.rawValue)
                writer.value(text)
            }
            writer.member("since", ifPresent: filter.since?.rfc3339)
            writer.member("until", ifPresent: filter.until?.rfc3339)
            writer.member("dry_run", order.isDryRun)
            if order.repeatsUnknown { writer.member("repeat_unknown", true) }
            writer.member("after", ifPresent: cursor?.description)
            writer.member("limit", limit)
        }
    }

    /// Writes what a part of an order did, or would do.
    public static func write(_ step: StateOrderStep, of order: StateOrder, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("action", ifPresent: order.action.rawValue)
            writer.member("dry_run", order.isDryRun)
            writer.member("matched", step.matched)
            writer.member("changed", step.changed)
            writer.key("not_changed")
            writer.object { writer in
                for result in StateChangeResult.allCases where result != .changed {
                    guard let count = step.results[result] else { continue }
                    writer.key(result.rawValue)
                    writer.value(count)
                }
            }
            writer.key("groups")
            writer.array { writer in
                for (group, count) in step.groups.sorted(by: { ($1.value, "\($0.key)") < ($0.value, "\($1.key)") }) {
                    writer.object { writer in
                        writer.member("state", ifPresent: group.state.description)
                        writer.member("channel", ifPresent: group.channel?.description)
                        writer.member("campaign", ifPresent: group.campaign)
                        writer.member("reason", ifPresent: group.reason.nonEmpty)
                        writer.member("count", count)
                    }
                }
            }
            writer.member("next_after", ifPresent: step.next?.description)
        }
    }

    /// Reads what a part of an order did; nil when `ref` is not that.
    public static func readStateOrderStep(_ ref: JSONRef) -> StateOrderStep? {
        guard let changed = ref["changed"]?.int else { return nil }
        var step = StateOrderStep(next: ref["next_after"]?.string.flatMap { StateCursor($0) })
        if changed > 0 { step.results[.changed] = changed }
        for result in StateChangeResult.allCases {
            if let count = ref["not_changed"]?[result.rawValue]?.int { step.results[result] = count }
        }
        for item in ref["groups"]?.elements.compactMap({ $0 }) ?? [] {
            guard let state = item["state"]?.string.flatMap({ DeliveryState(name: $0) }) else { continue }
            let group = StateOrderStep.Group(
                state: state, channel: item["channel"]?.string.flatMap { Channel(name: $0) },
                campaign: item["campaign"]?.string, reason: item["reason"]?.string ?? "")
            step.groups[group, default: 0] += item["count"]?.int ?? 0
        }
        return step
    }
}
