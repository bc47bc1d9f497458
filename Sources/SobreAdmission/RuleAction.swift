/// What a rule does to a message that it stops.
enum RuleAction: String, CaseIterable, Sendable {
    /// The delivery is dropped.
    case drop
    /// It waits until the rule lets it pass.
    case hold
    /// The next channel of its plan is tried; if none takes it, the rule's `otherwise` holds.
    case nextChannel = "next_channel"
}

/// What happens when `next_channel` finds none.
enum RuleFallback: String, CaseIterable, Sendable {
    case hold
    case drop
}
