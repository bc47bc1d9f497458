/// Something in a policy that is legal but probably a mistake.
public struct PolicyFinding: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong. The raw value is stable.
    public enum Kind: String, CaseIterable, Sendable {
        /// The rule's selector matches no contact.
        case matchesNothing = "matches_nothing"
        /// The messages the rule applies to never obey it.
        case restrainsNothing = "restrains_nothing"
        /// The rule's limit is never reached.
        case neverFills = "never_fills"
        /// Another rule always stops a message first.
        case neverDecides = "never_decides"
        /// Another rule always takes this one's place.
        case overridden
        /// The rules it overrides never apply together with it.
        case overridesNothing = "overrides_nothing"
        /// Two parts of the rule contradict each other, so that nothing passes.
        case nothingPasses = "nothing_passes"
        /// Messages that the rule holds are held for ever.
        case neverEnds = "never_ends"
        /// The rule has no effect.
        case noEffect = "no_effect"
        /// The rule names something that does not exist.
        case unknownName = "unknown_name"
        /// There are too many rules to compare them all.
        case notCompared = "not_compared"
    }

    public var kind: Kind
    /// The list that contains the rule: `caps`, `quiet_hours`, `dedup` or `control_groups`.
    public var list: String
    public var rule: String
    /// The line in the policy's text, from 1.
    public var line: Int
    /// The reason, as a sentence.
    public var message: String

    public var description: String { message }
}
