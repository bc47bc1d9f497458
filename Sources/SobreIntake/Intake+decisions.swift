public import JSON
public import SobreModel
import SobreSettings

extension Intake {
    /// Checks a message about which only a decision is asked, and the time of that decision.
    ///
    /// - Parameter ref: a message as ``enqueue(_:idempotencyKey:)`` takes it, perhaps with a member `at` beside.
    /// - Returns: the message, and the time that `at` names; nil: now.
    /// - Throws: ``IntakeProblem`` with the field and what would be right.
    public func checkDecision(_ ref: JSONRef) throws(IntakeProblem) -> (draft: MessageDraft, at: Instant?) {
        guard ref.kind == .object, let time = ref["at"] else { return (try check(ref), nil) }
        let at = try FieldReader(limits: limits).optionalInstant(time)
        return (try check(ref, besides: "at"), at)
    }
}
