public import SobreModel

extension Policy {
    /// When a decision's reasoning is written down.
    public enum Explaining: Sendable {
        /// When the message is not sent: what the store keeps.
        case whenBlocked
        /// Always: dry runs.
        case always
        /// Never: counting what would happen to many messages.
        case never
    }

    /// Decides for one candidate. Pure: equal arguments give equal decisions, byte for byte.
    ///
    /// The order of the steps is: cancelled, expired, recipient, control group; then for each channel of the plan
    /// address, suppression, consent, duplicate, quiet hours, caps. The first channel that passes all is taken;
    /// one that is merely held keeps the message unless its rule says `next_channel`.
    public func decide(
        _ candidate: AdmissionCandidate, facts: AdmissionFacts, now: Instant, explaining: Explaining = .whenBlocked
    ) -> AdmissionDecision {
        let evaluation = Evaluation(policy: self, candidate: candidate, facts: facts, now: now)
        let verdict = evaluation.verdict()
        var decision = AdmissionDecision(verdict: verdict.verdict, policyVersion: version)
        if case .send = verdict.verdict {
            if explaining == .always { decision.explanation = evaluation.explanation(of: verdict) }
            return decision
        }
        decision.summary = verdict.summary(in: evaluation)
        switch (explaining, verdict.verdict) {
        case (.never, _), (.whenBlocked, .reroute): break
        default: decision.explanation = evaluation.explanation(of: verdict)
        }
        return decision
    }

    /// What is plain before anything is rendered.
    public enum Precheck: Hashable, Sendable {
        /// Render for this channel, the first of the plan that is reachable, and ask ``decide(_:facts:now:explaining:)``.
        case render(Channel)
        /// No channel can be used; deciding says why, and needs no rendering.
        case hopeless(DropReason)
        /// It is too late; deciding says why, and needs no rendering.
        case expired
    }

    /// Looks at expiry, address, suppression and consent only: cheap, and no more than a hint for rendering.
    public func precheck(
        _ message: Message, delivery: DeliveryID, profile: Profile?, suppressions: [Suppression] = [], now: Instant
    ) -> Precheck {
        let plan = message.plan(of: delivery)
        let candidate = AdmissionCandidate(
            delivery: delivery, epoch: 0, message: message, channel: plan.first ?? message.channels[0])
        let facts = AdmissionFacts(profile: profile, suppressions: suppressions)
        return Evaluation(policy: self, candidate: candidate, facts: facts, now: now).precheck(plan: plan)
    }

    /// The first channel of a delivery's plan that is reachable, or nil. See ``precheck(_:delivery:profile:suppressions:now:)``.
    public func firstChannel(
        for message: Message, delivery: DeliveryID, profile: Profile?, suppressions: [Suppression] = [], now: Instant
    ) -> Channel? {
        let result = precheck(message, delivery: delivery, profile: profile, suppressions: suppressions, now: now)
        if case .render(let channel) = result { return channel }
        return nil
    }
}
