public import JSON
import SobreModel
public import SobreStore

extension Wire {
    /// Writes the member `subscriptions`.
    public static func write(_ subscriptions: [EventSubscriptionStatus], to writer: inout JSONWriter) {
        writer.key("subscriptions")
        writer.array { writer in for status in subscriptions { write(status, to: &writer) } }
    }

    /// Writes the status of a subscription to events.
    public static func write(_ status: EventSubscriptionStatus, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", ifPresent: status.name)
            writer.member("url", ifPresent: status.url)
            writer.member("state", ifPresent: status.condition.rawValue)
            writer.member("fault", ifPresent: status.fault)
            writer.key("behind_seconds")
            writer.value(Double(status.behind.milliseconds) / 1000)
            if let state = status.state { members(of: state, to: &writer) }
        }
    }

    /// Writes how far a subscription has come.
    public static func write(_ state: EventSubscriptionState, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", ifPresent: state.name)
            members(of: state, to: &writer)
        }
    }

    private static func members(of state: EventSubscriptionState, to writer: inout JSONWriter) {
        writer.member("cursor", ifPresent: state.position?.description)
        writer.member("last_event", ifPresent: state.lastEvent?.description)
        writer.key("generation")
        writer.value(state.generation)
        writer.key("delivered")
        writer.value(state.delivered)
        writer.member("delivered_at", ifPresent: state.lastDeliveredAt?.rfc3339)
        writer.member("failing_since", ifPresent: state.failingSince?.rfc3339)
        writer.key("tries")
        writer.value(state.tries)
        writer.member("error", ifPresent: state.lastError.nonEmpty)
        writer.member("error_at", ifPresent: state.lastErrorAt?.rfc3339)
        writer.member("paused_since", ifPresent: state.pausedSince?.rfc3339)
        writer.member("paused_by", ifPresent: state.pausedBy.nonEmpty)
        writer.member("pause_reason", ifPresent: state.pauseReason.nonEmpty)
    }

    /// Reads the member `subscriptions`.
    public static func readSubscriptions(_ ref: JSONRef) -> [EventSubscriptionStatus] {
        ref["subscriptions"].map { $0.elements.compactMap { readSubscription($0) } } ?? []
    }

    private static func readSubscription(_ ref: JSONRef) -> EventSubscriptionStatus? {
        guard let name = ref["name"]?.string,
            let condition = ref["state"]?.string.flatMap({ EventSubscriptionStatus.Condition(rawValue: $0) })
        else { return nil }
        return EventSubscriptionStatus(
            name: name, url: ref["url"]?.string ?? "", condition: condition,
            behind: .milliseconds(Int64((ref["behind_seconds"]?.double ?? 0) * 1000)), fault: ref["fault"]?.string,
            state: readSubscriptionState(ref))
    }

    /// Reads how far a subscription has come; nil if it has not begun.
    public static func readSubscriptionState(_ ref: JSONRef) -> EventSubscriptionState? {
        guard let name = ref["name"]?.string, let generation = ref["generation"]?.int else { return nil }
        func instant(_ key: String) -> Instant? { ref[key]?.string.flatMap { Instant(rfc3339: $0) } }
        var state = EventSubscriptionState(name: name, position: ref["cursor"]?.string.flatMap { LogCursor($0) })
        state.lastEvent = ref["last_event"]?.string.flatMap { LogCursor($0) }
        state.generation = generation
        state.delivered = ref["delivered"]?.int ?? 0
        state.lastDeliveredAt = instant("delivered_at")
        state.failingSince = instant("failing_since")
        state.tries = ref["tries"]?.int ?? 0
        state.lastError = ref["error"]?.string ?? ""
        state.lastErrorAt = instant("error_at")
        state.pausedSince = instant("paused_since")
        state.pausedBy = ref["paused_by"]?.string ?? ""
        state.pauseReason = ref["pause_reason"]?.string ?? ""
        return state
    }
}
