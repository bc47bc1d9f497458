/// What a decision was made by: a step, and one of its rules where the policy gives them names.
public struct DecidingRule: Hashable, Sendable {
    /// The step as explanations name it, such as `caps`.
    public var step: String
    /// The rule's name in the policy, such as `marketing-per-day`; nil for a step without rules.
    public var rule: String?

    public init(step: String, rule: String? = nil) {
        self.step = step
        self.rule = rule
    }
}
