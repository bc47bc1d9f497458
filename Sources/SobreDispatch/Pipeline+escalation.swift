import SobreModel

extension Pipeline {
    /// Lets a later channel of `route: escalate` wait for the earlier ones, or end when they have succeeded. What the
    /// earlier channels came to was read in the decision's own transaction.
    static func gated(
        _ decision: AdmissionDecision, _ request: AdmissionRequest, _ facts: AdmissionFacts, expiresAt: Instant?,
        at now: Instant
    ) -> AdmissionDecision {
        if facts.earlier.isEmpty || decision.verdict == .expire || decision.verdict == .drop(.cancelled) {
            return decision
        }
        var gated = decision
        switch request.message.escalation.gate(after: facts.earlier, now: now) {
        case .open: return decision
        case .wait(let until, let why):
            // What is too late before its turn comes expires then, and not when its turn would have come.
            gated.verdict = .hold(until: min(until, expiresAt ?? until), .awaitsChannel)
            gated.summary = why
        case .met(let channel, let state):
            gated.verdict = .drop(.escalationMet)
            gated.summary = "\(channel) is \(state)"
        }
        // The policy's reasoning is not what decided.
        gated.explanation = nil
        return gated
    }
}
