/// A clock jump that was accepted while the node ran. Times recorded before it look older than they are.
public struct ClockCorrection: Hashable, Sendable {
    /// The time just before the jump.
    public var at: Instant
    /// The length of the jump.
    public var by: Duration

    public init(at: Instant, by: Duration) {
        self.at = at
        self.by = by
    }
}

extension AdmissionFacts {
    /// The facts with the times of contacts from before a correction moved forward by it, so that no contact leaves a
    /// window too early. Their order does not change.
    public func corrected(by corrections: [ClockCorrection]) -> AdmissionFacts {
        var facts = self
        for index in facts.ledger.indices {
            for correction in corrections {
                if facts.ledger[index].reservedAt <= correction.at {
                    facts.ledger[index].reservedAt = facts.ledger[index].reservedAt + correction.by
                }
                if let committedAt = facts.ledger[index].committedAt, committedAt <= correction.at {
                    facts.ledger[index].committedAt = committedAt + correction.by
                }
            }
        }
        return facts
    }
}
