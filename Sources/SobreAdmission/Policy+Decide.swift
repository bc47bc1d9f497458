public import SobreModel

extension Policy {
    /// When a decision's explanation is written.
    public enum Explaining: Sendable {
        /// When the message is dropped or held; this is what the store keeps. Not when it is decided again at once
        /// because the policy or the profile changed meanwhile.
        case whenBlocked
        /// Always. For dry runs.
        case always
        /// Never. For evaluating many messages.
        case never
    }

    /// Decides on one request. Pure: equal arguments give equal decisions, byte for byte.
    ///
    /// The order of the steps is: cancelled, expired, recipient, control group, pauses by operators, restored data,
    /// earlier channels of an escalation. Then for each channel of the plan: address, suppression, consent, window for
    /// free texts, pauses by operators, duplicate, quiet hours, the recipient's pause, caps, best time. Then the clock,
    /// the horizon of the facts, the route and the content. The first channel that passes all steps is used. A request
    /// that is not rendered is never admitted: what the other steps refuse is refused, and the rest is rerouted to its
    /// own channel, to be rendered and decided then. If a channel is held, the message waits for it, unless its rule
    /// says `next_channel`.
    public func decide(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, now: Instant,
        explaining: Explaining = .whenBlocked
    ) -> AdmissionDecision {
        let evaluation = Evaluation(
            policy: self, request: request, facts: facts, conditions: conditions, now: now)
        let verdict = evaluation.verdict()
        var decision = AdmissionDecision(verdict: verdict.verdict, policyVersion: version)
        if case .send(let address, _) = verdict.verdict {
            if address.channel.reachesEveryAddress {
                decision.furtherAddresses = evaluation.furtherDevices(beside: address)
            }
            if explaining == .always {
                decision.explanation = evaluation.explanation(of: verdict, summary: verdict.summary(in: evaluation))
            }
            return decision
        }
        if case .reroute = verdict.verdict, explaining != .always { return decision }
        decision.summary = verdict.summary(in: evaluation)
        decision.decidedBy = verdict.decidedBy(in: evaluation)
        decision.isEndless = verdict.isEndlessHold
        decision.pause = verdict.pause?.id
        switch (explaining, verdict.step) {
        case (.never, _), (.whenBlocked, .facts): break
        default: decision.explanation = evaluation.explanation(of: verdict, summary: decision.summary)
        }
        return decision
    }
}
