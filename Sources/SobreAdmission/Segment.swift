import JSON
import SobreModel

/// Which people a rule is about: `where`, a condition over what a profile says.
///
/// Read once, when the policy is read; bounded in length, parts and depth. Judged in three values: what cannot be read
/// (a text where a number is compared, attributes that are no JSON) is neither true nor false, and the rule's
/// `on_error` says what holds then.
final class Segment: Sendable {
    /// What a rule does about a person of whom it cannot be told whether they belong.
    enum Failure: String, CaseIterable, Sendable {
        /// The rule restrains the person; but rules that it would override hold, too. So an error never lets more through.
        case apply
        /// The rule does not hold for the person.
        case allow
    }

    enum Truth: Sendable {
        case yes
        case no
        /// It cannot be told; the sentence says why.
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

    /// A field of the profile itself, written `recipient.country`.
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
        /// A member of the attributes, by the keys that lead to it.
        case attribute([String])
        case field(Field)
    }

    indirect enum Condition: Sendable {
        case both(Condition, Condition)
        case either(Condition, Condition)
        case not(Condition)
        case compare(Operand, Comparison, Operand)
        case contained(Operand, in: [Operand])
        /// Whether the list at an attribute holds a value.
        case listed(Operand, in: Operand)
        /// An attribute that is `true`.
        case holds(Operand)
    }

    /// The condition as it was written.
    let text: String
    let condition: Condition
    let onError: Failure

    init(text: String, condition: Condition, onError: Failure) {
        self.text = text
        self.condition = condition
        self.onError = onError
    }

    /// Whether a person belongs.
    func truth(for reader: AttributeReader) -> Truth { reader.judge(condition) }
}
