/// A jump of the clock that was believed while the node ran. What was recorded before it is younger than its time says.
public struct ClockCorrection: Hashable, Sendable {
    /// The time just before it.
    public var at: Instant
    /// How far the time jumped ahead.
    public var by: Duration

    public init(at: Instant, by: Duration) {
        self.at = at
        self.by = by
    }
}

extension AdmissionFacts {
    /// The same facts with every contact no older than it really is: contacts from before a correction are moved with it,
    /// so that none of them leaves a window too early. Their order stays.
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
