import JSON
import SobreModel

/// The recipients a rule applies to: `where`, a condition over the profile.
///
/// Parsed once with the policy; bounded in length, parts and depth. Evaluated in three-valued logic. A condition that
/// cannot be evaluated, for example because it compares a text with a number or the attributes are not JSON, is neither
/// true nor false. The rule's `on_error` then decides.
final class Segment: Sendable {
    /// What a rule does when its condition cannot be evaluated for a recipient.
    enum Failure: String, CaseIterable, Sendable {
        /// The rule applies, and the rules it overrides apply too. An error thus never lets more through.
        case apply
        /// The rule does not apply.
        case allow
    }

    enum Truth: Sendable {
        case yes
        case no
        /// The condition cannot be evaluated. Has the reason as a sentence.
        case unreadable(String)
    }

    enum Comparison: String, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    /// A field of the profile, written as `recipient.country`.
    enum Field: String, CaseIterable, Sendable {
        case id
        case country
        case locale
        case timezone
    }

    enum Operand: Sendable {
        case text(String)
        case number(Double)
        case bool(Bool)
        case null
        /// A member of the attributes, by its path of keys.
        case attribute([String])
        case field(Field)
    }

    indirect enum Condition: Sendable {
        case both(Condition, Condition)
        case either(Condition, Condition)
        case not(Condition)
        case compare(Operand, Comparison, Operand)
        case contained(Operand, in: [Operand])
        /// Whether the list in an attribute contains a value.
        case listed(Operand, in: Operand)
        /// Whether an attribute is `true`.
        case holds(Operand)
    }

    /// The condition's text.
    let text: String
    let condition: Condition
    let onError: Failure

    init(text: String, condition: Condition, onError: Failure) {
        self.text = text
        self.condition = condition
        self.onError = onError
    }

    /// Whether a recipient belongs to the segment.
    func truth(for reader: AttributeReader) -> Truth { reader.judge(condition) }
}
