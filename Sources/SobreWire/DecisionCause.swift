import JSON
import SobreModel

/// What kept a delivery from being sent, read from the explanation of its decision.
struct DecisionCause: Hashable, Sendable {
    /// The step that decided, such as `caps` or `suppression`.
    var step: String?
    /// The rule of the policy, if the step has rules.
    var rule: String?
    /// The deliveries that fill the rule, or that it waits for, newest first.
    var blockedBy: [String] = []
    /// The number of the operator's pause.
    var pause: Int?
    /// When the delivery could be sent; nil when that is never, or not known.
    var nextSlotAt: Instant?

    /// Reads the cause of an entry that a delivery is held, dropped or expired.
    ///
    /// - Parameter entry: The entry; nil is returned for one without an explanation.
    init?(_ entry: LogEntry) {
        guard let json = entry.explanation, let root = try? JSONDocument.parse(json).root else { return nil }
        step = root["step"]?.string
        if entry.state.isPending { nextSlotAt = entry.dueAt }
        if nextSlotAt == nil { nextSlotAt = Self.instant(root["free_at"]) }
        guard let failed = Self.failed(step, in: root, on: entry.channel) else { return }
        pause = failed["pause"]?.int
        rule = failed["rule"]?.string ?? failed["group"]?.string
        for name in ["of", "waits_for"] {
            if let delivery = failed[name]?["delivery"]?.string { blockedBy.append(delivery) }
        }
        let rules = Self.elements(failed["rules"]).filter { $0["passes"]?.bool == false }
        if rule == nil { rule = rules.first?["rule"]?.string }
        for delivery in rules.flatMap({ Self.elements($0["filled_by"]) }).compactMap({ $0["delivery"]?.string })
        where !blockedBy.contains(delivery) {
            blockedBy.append(delivery)
        }
        guard nextSlotAt == nil else { return }
        // All rules must have room, so the last of their slots counts.
        let slots = rules.map { Self.instant($0["free_at"]) } + (rules.isEmpty ? [Self.instant(failed["until"])] : [])
        nextSlotAt = slots.contains(nil) ? nil : slots.compactMap { $0 }.max()
    }

    /// The step that decided, of the whole delivery or of a channel: that of the entry, else the first that failed.
    private static func failed(_ step: String?, in root: JSONRef, on channel: Channel?) -> JSONRef? {
        let channels = elements(root["channels"])
        let own = channels.filter { $0["channel"]?.string == channel?.description }
        let steps = elements(root["steps"]) + (own + channels).flatMap { elements($0["steps"]) }
        return steps.first { $0["step"]?.string == step && $0["passes"]?.bool == false }
    }

    private static func instant(_ ref: JSONRef?) -> Instant? { ref?.string.flatMap { Instant(rfc3339: $0) } }

    private static func elements(_ ref: JSONRef?) -> [JSONRef] { ref.map { Array($0.elements) } ?? [] }
}
