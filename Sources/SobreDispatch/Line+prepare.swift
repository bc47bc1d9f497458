import SobreDelivery
import SobreModel
import SobreStore

/// Rendering and routing.
extension Line {
    /// Renders and routes one delivery. It may leave the line here.
    func prepare(_ turn: Turn, into prepared: inout Prepared) {
        let now = time.now()
        let claimed = turn.claimed
        var job = Job(turn: turn, candidate: candidate(turn))
        // Without an address there is nothing to render: the decision drops it, reroutes it and explains. What is too
        // late expires whether it could be rendered and routed or not.
        guard let address = claimed.profile?.address(on: turn.channel) else { return prepared.jobs.append(job) }
        let expiresAt = policy.expiresAt(claimed.message)
        if let expiresAt, expiresAt <= now { return prepared.jobs.append(job) }
        switch renderer.render(claimed, channel: turn.channel, at: now) {
        case .ready(let content, let fingerprint, let version):
            job.content = content
            job.candidate.fingerprint = fingerprint
            job.candidate.templateVersion = version
        case .aborted(let reason, let version):
            return settle(turn, at: now, into: &prepared) { entry in
                entry.state = final(.dropped, claimed)
                entry.reason = DropReason.abortedByTemplate.rawValue
                entry.detail = reason
                entry.templateVersion = version
            }
        case .failed(let reason, let version):
            return settle(turn, at: now, into: &prepared) { entry in
                entry.reason = HoldReason.renderFailed.rawValue
                entry.detail = reason
                entry.templateVersion = version
                let dueAt = now + renderWait(claimed.message, at: now)
                entry.dueAt = min(dueAt, expiresAt ?? dueAt)
            }
        }
        route(&job, to: address, expiresAt: expiresAt, now: now, into: &prepared)
    }

    private func route(
        _ job: inout Job, to address: Address, expiresAt: Instant?, now: Instant, into prepared: inout Prepared
    ) {
        let turn = job.turn
        let claimed = turn.claimed
        let only = claimed.possibleDuplicate ? claimed.provider : nil
        switch router.choose(job.content!, to: address, rotation: claimed.attempts, only: only, at: now) {
        case .provider(let provider):
            job.provider = provider
            job.candidate.provider = provider.name
            prepared.jobs.append(job)
        case .busy where turn.channel == lane(of: claimed):
            prepared.givenBack.append(claimed.claim)
        case .busy:
            // It was claimed with another channel's work and would be so again and again, ahead of what can go there:
            // it moves to where it waits for this channel.
            settle(turn, at: now, into: &prepared) { entry in
                entry.state = .deferred
                entry.reason = HoldReason.providerLimited.rawValue
                entry.detail = "the providers of \(turn.channel) are busy"
                entry.dueAt = now
            }
        case .hold(let until, let reason, let detail):
            settle(turn, at: now, into: &prepared) { entry in
                entry.reason = reason.rawValue
                entry.detail = detail
                let dueAt = max(until, now + min(age(of: claimed.message, at: now) / 2, .seconds(900)))
                entry.dueAt = min(dueAt, expiresAt ?? dueAt)
            }
        case .refused(let outcome):
            if let next = turn.nextChannel, !claimed.possibleDuplicate {
                prepared.again.append(Turn(claimed: claimed, channel: next, planBegin: next))
                return
            }
            settle(turn, at: now, into: &prepared) { entry in
                entry.state = final(.failed, claimed)
                entry.reason = outcome.kind.rawValue
                entry.detail = outcome.detail
            }
        }
    }

    /// Lets a delivery leave the line before its decision: held, unless `change` says otherwise.
    private func settle(
        _ turn: Turn, at now: Instant, into prepared: inout Prepared, as change: (inout LogEntry) -> Void
    ) {
        let claim = turn.claimed.claim
        var entry = LogEntry(
            delivery: claim.delivery, at: now, state: .held, attempt: turn.claimed.attempts, channel: turn.channel)
        change(&entry)
        prepared.settled.append(ClaimTransition(claim: claim, entry: entry))
    }

    /// The state in which a delivery ends without a further attempt: unknown where an earlier one may have reached the
    /// person.
    private func final(_ state: DeliveryState, _ claimed: ClaimedDelivery) -> DeliveryState {
        claimed.possibleDuplicate ? .unknown : state
    }

    /// The longer a template stays broken, the longer the wait: half as long again as the message waits already, so that
    /// its log grows with the logarithm of the time.
    private func renderWait(_ message: Message, at now: Instant) -> Duration {
        min(max(settings.renderRetry, age(of: message, at: now) / 2), max(settings.renderRetry, .seconds(900)))
    }

    /// How long a message could have been on its way.
    private func age(of message: Message, at now: Instant) -> Duration {
        now - max(message.acceptedAt, message.sendAt ?? message.acceptedAt)
    }

    /// The channel under which the store keeps a delivery: where it was deferred, else the first of its plan.
    private func lane(of claimed: ClaimedDelivery) -> Channel? {
        claimed.channel ?? claimed.message.plan(of: claimed.claim.delivery).first
    }

    private func candidate(_ turn: Turn) -> AdmissionCandidate {
        let claimed = turn.claimed
        return AdmissionCandidate(
            delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message,
            channel: turn.channel, attempt: claimed.attempts + 1, possibleDuplicate: claimed.possibleDuplicate,
            planBegin: turn.planBegin)
    }

    /// The policy's decision, but never a `send` for something that was not rendered: the profile may have gained
    /// its address between the claim and the decision. Nor one on facts that do not reach back far enough: a policy
    /// with longer windows may have come into force meanwhile. Nor one that caps restrain while nobody knows the time.
    static func decider(
        _ policy: any DeliveryDeciding, horizon: Duration, alarm: ClockAlarm?, corrections: [ClockCorrection] = []
    ) -> AdmissionDecider {
        var jump: ClockAlarm?
        if case .ahead = alarm { jump = alarm }
        return { [jump] candidate, given, now in
            let facts = corrections.isEmpty ? given : given.corrected(by: corrections)
            var decision = gated(
                policy.decide(candidate, facts: facts, at: now), candidate, facts,
                expiresAt: facts.earlier.isEmpty ? nil : policy.expiresAt(candidate.message), at: now)
            guard case .send = decision.verdict else { return decision }
            if candidate.provider == nil {
                decision.verdict = .hold(until: now + .milliseconds(100), .renderFailed)
                decision.summary = "the profile changed meanwhile; it is rendered anew"
            } else if policy.horizon > horizon {
                decision.verdict = .hold(until: now + .milliseconds(100), .policyError)
                decision.summary = "a policy that looks back further came into force meanwhile; it is decided anew"
            } else if let jump, policy.isCapped(candidate.message) {
                let dueAt = now + clockRecheck
                let end = policy.expiresAt(candidate.message) ?? dueAt
                decision.verdict = .hold(until: min(dueAt, end), .clockJumped)
                decision.summary = jump.description
            }
            return decision
        }
    }

    /// How often a message is looked at that waits for the clock to be trusted.
    static let clockRecheck: Duration = .seconds(60)
}
