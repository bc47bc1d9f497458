/// What is allowed in a policy but can hardly be meant.
public struct PolicyFinding: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as a stable word.
    public enum Kind: String, CaseIterable, Sendable {
        /// The rule's selector matches no contact at all.
        case matchesNothing = "matches_nothing"
        /// What the rule is about never obeys it.
        case restrainsNothing = "restrains_nothing"
        /// Its limit is never reached.
        case neverFills = "never_fills"
        /// Another rule always stops a message first.
        case neverDecides = "never_decides"
        /// Another rule always takes its place.
        case overridden
        /// The rules that it overrides never meet it.
        case overridesNothing = "overrides_nothing"
        /// Two parts of the rule contradict each other, so that nothing ever passes.
        case nothingPasses = "nothing_passes"
        /// What is held would be held for ever.
        case neverEnds = "never_ends"
        /// The rule has no effect as it stands.
        case noEffect = "no_effect"
        /// There are too many rules to compare each with each.
        case notCompared = "not_compared"
    }

    public var kind: Kind
    /// The list in which the rule stands: `caps`, `quiet_hours`, `dedup`, `control_groups`.
    public var list: String
    /// The rule's name.
    public var rule: String
    /// The line of the policy's text, from 1.
    public var line: Int
    /// A sentence that says why.
    public var message: String

    public var description: String { message }
}
