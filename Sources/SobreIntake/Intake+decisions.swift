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
        // A message has no member of this name: it is checked without.
        var bytes: [UInt8] = []
        for (key, value) in ref.members where key.string != "at" {
            bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            bytes += key.rawBytes + [UInt8(ascii: ":")] + value.rawBytes
        }
        bytes += bytes.isEmpty ? Array("{}".utf8) : [UInt8(ascii: "}")]
        return (try check(Self.message(bytes, depth: limits.maxDepth)), at)
    }

    private static func message(_ bytes: [UInt8], depth: Int) throws(IntakeProblem) -> JSONRef {
        do {
            return try JSONDocument.parse(bytes, limits: JSONLimits(maxDepth: depth, maxBytes: bytes.count)).root
        } catch {
            throw IntakeProblem(error)
        }
    }
}
