/// What a rule does with a message it stops.
enum RuleAction: String, CaseIterable, Sendable {
    /// The delivery is dropped.
    case drop
    /// The delivery waits until the rule lets it pass.
    case hold
    /// The next channel of the plan is tried. If none takes it, the rule's `otherwise` applies.
    case nextChannel = "next_channel"
}

/// What happens when `next_channel` finds no channel.
enum RuleFallback: String, CaseIterable, Sendable {
    case hold
    case drop
}
