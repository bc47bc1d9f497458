import Logging
import SobreDelivery
import SobreModel
import SobreStore

/// The line that every message takes: claimed → rendered → routed → admitted → sent. One batch at a time.
///
/// Each step takes values and gives values; what leaves the line early is settled in one write.
struct Line: Sendable {
    let store: any QueueStore
    let renderer: any DeliveryRendering
    let policy: any DeliveryDeciding
    let router: Router
    let transport: any Transport
    let completer: Completer
    let gate: InFlightGate
    let settings: DispatchSettings
    let time: any TimeSource
    let telemetry: Telemetry

    /// A delivery on its way, with what the steps so far have found.
    private struct Job {
        var claimed: ClaimedDelivery
        var channel: Channel
        var content: RenderedMessage?
        var provider: (any Provider)?
        var startAt: Instant
        var candidate: AdmissionCandidate
    }

    /// Takes claims through the line. Each claim ends: sent, settled, or given back; each holds one permit of the gate.
    ///
    /// - Returns: how many were not given back.
    func process(_ claims: [ClaimedDelivery]) async throws(StoreError) -> Int {
        var returned = 0
        var round = claims.map { ($0, firstChannel(of: $0)) }
        for _ in 0...Channel.allCases.count where !round.isEmpty {
            var settled: [ClaimTransition] = []
            var givenBack: [Claim] = []
            let jobs = round.compactMap { prepare($0.0, channel: $0.1, settled: &settled, givenBack: &givenBack) }
            do {
                if !givenBack.isEmpty { await giveBack(givenBack) }
                returned += givenBack.count
                if !settled.isEmpty { try await settle(settled) }
            } catch {
                await abandon(jobs)
                await giveBack(settled.map(\.claim))
                throw error
            }
            round = try await admit(jobs)
        }
        if !round.isEmpty { await giveBack(round.map(\.0.claim)) }  // the plan changed under our feet: begin anew
        return claims.count - returned - round.count
    }

    /// Where a delivery begins: where it was deferred, else the first channel of the plan with an address.
    private func firstChannel(of claimed: ClaimedDelivery) -> Channel {
        let delivery = claimed.claim.delivery
        if let channel = claimed.channel, claimed.message.plan(of: delivery).contains(channel) { return channel }
        return claimed.message.firstChannel(of: delivery, for: claimed.profile)
    }

    /// Renders and routes one delivery. Nil when it left the line.
    private func prepare(
        _ claimed: ClaimedDelivery, channel: Channel, settled: inout [ClaimTransition], givenBack: inout [Claim]
    ) -> Job? {
        let now = time.now()
        var job = Job(claimed: claimed, channel: channel, startAt: now, candidate: candidate(claimed, channel))
        // Without an address there is nothing to render: the decision drops it, reroutes it and explains.
        guard let address = claimed.profile?.address(on: channel) else { return job }
        if let expiresAt = claimed.message.expiresAt, expiresAt <= now { return job }
        var entry = LogEntry(
            delivery: claimed.claim.delivery, at: now, state: .held, attempt: claimed.attempts, channel: channel)
        switch renderer.render(claimed, channel: channel, at: now) {
        case .ready(let content, let fingerprint, let version):
            job.content = content
            job.candidate.fingerprint = fingerprint
            job.candidate.templateVersion = version
        case .aborted(let reason, let version):
            entry.state = .dropped
            entry.reason = DropReason.abortedByTemplate.rawValue
            entry.detail = reason
            entry.templateVersion = version
            settled.append(ClaimTransition(claim: claimed.claim, entry: entry))
            return nil
        case .failed(let reason, let version):
            entry.reason = HoldReason.renderFailed.rawValue
            entry.detail = reason
            entry.templateVersion = version
            entry.dueAt = now + renderWait(claimed.message, at: now)
            settled.append(ClaimTransition(claim: claimed.claim, entry: entry))
            return nil
        }
        let rotation = claimed.possibleDuplicate ? 0 : claimed.attempts
        switch router.choose(job.content!, to: address, rotation: rotation, at: now) {
        case .provider(let provider, let startAt):
            job.provider = provider
            job.candidate.provider = provider.name
            job.startAt = startAt
            return job
        case .busy where channel == lane(of: claimed):
            givenBack.append(claimed.claim)
        case .busy:
            // It was claimed with another channel's work and would be so again and again, ahead of what can go there:
            // it moves to where it waits for this channel.
            entry.state = .deferred
            entry.reason = HoldReason.providerLimited.rawValue
            entry.detail = "the providers of \(channel) are busy"
            entry.dueAt = now
            settled.append(ClaimTransition(claim: claimed.claim, entry: entry))
        case .hold(let until, let reason, let detail):
            entry.reason = reason.rawValue
            entry.detail = detail
            entry.dueAt = max(until, now + min(age(of: claimed.message, at: now) / 2, .seconds(900)))
            settled.append(ClaimTransition(claim: claimed.claim, entry: entry))
        case .refused(let outcome):
            entry.state = .failed
            entry.reason = outcome.kind.rawValue
            entry.detail = outcome.detail
            settled.append(ClaimTransition(claim: claimed.claim, entry: entry))
        }
        return nil
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

    private func candidate(_ claimed: ClaimedDelivery, _ channel: Channel) -> AdmissionCandidate {
        AdmissionCandidate(
            delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message, channel: channel,
            attempt: claimed.attempts + 1, possibleDuplicate: claimed.possibleDuplicate)
    }

    /// The moment of truth for a batch. Returns what must be rendered for another channel.
    private func admit(_ jobs: [Job]) async throws(StoreError) -> [(ClaimedDelivery, Channel)] {
        guard !jobs.isEmpty else { return [] }
        let begun = ContinuousClock.now
        let horizon = policy.horizon
        let results: [AdmissionResult]
        do {
            results = try await store.admit(
                jobs.map(\.candidate), horizon: horizon,
                attemptTimeout: settings.attemptTimeout + settings.guardTime + .seconds(5),
                deciding: Self.decider(policy, horizon: horizon))
        } catch {
            await abandon(jobs)
            throw error
        }
        var again: [(ClaimedDelivery, Channel)] = []
        var freed = 0
        for (job, result) in zip(jobs, results) {
            switch result {
            case .admitted(let ticket):
                telemetry.transition(to: .attempting)
                send(job, ticket: ticket, begunAt: begun)
                continue
            case .rerouted(let channel): again.append((job.claimed, channel))
            case .settled(let decision):
                telemetry.decided(decision.verdict)
                freed += 1
            case .stale: freed += 1
            }
            if let provider = job.provider { router.abandoned(provider.name) }
        }
        gate.give(back: freed)
        return again
    }

    /// The policy's decision, but never a `send` for something that was not rendered: the profile may have gained
    /// its address between the claim and the decision. Nor one on facts that do not reach back far enough: a policy
    /// with longer windows may have come into force meanwhile.
    private static func decider(_ policy: any DeliveryDeciding, horizon: Duration) -> AdmissionDecider {
        { candidate, facts, now in
            var decision = policy.decide(candidate, facts: facts, at: now)
            if candidate.provider == nil, case .send = decision.verdict {
                decision.verdict = .hold(until: now + .milliseconds(100), .renderFailed)
                decision.summary = "the profile changed meanwhile; it is rendered anew"
            }
            if case .send = decision.verdict, policy.horizon > horizon {
                decision.verdict = .hold(until: now + .milliseconds(100), .policyError)
                decision.summary = "a policy that looks back further came into force meanwhile; it is decided anew"
            }
            return decision
        }
    }

    private func send(_ job: Job, ticket: AttemptTicket, begunAt: ContinuousClock.Instant) {
        let message = job.claimed.message
        let plan = message.plan(of: ticket.delivery)
        let entry = LogEntry(
            delivery: ticket.delivery, at: ticket.admittedAt, state: .attempting, attempt: ticket.attempt,
            channel: job.channel, provider: job.candidate.provider, possibleDuplicate: job.candidate.possibleDuplicate,
            templateVersion: job.candidate.templateVersion)
        let sent = SentParcel(
            ledgerID: ticket.ledgerID, entry: entry, address: ticket.address, category: message.category,
            resendsUnknown: policy.resendsUnknown(category: message.category),
            hasFurtherChannels: plan.last != job.channel)
        let wait = min(max(.zero, job.startAt - ticket.admittedAt), Router.reservationHorizon)
        let latest = begunAt + settings.guardTime + wait
        guard let content = job.content, let provider = job.provider, ContinuousClock.now <= latest else {
            return notBegun(sent)
        }
        let parcel = Parcel(
            delivery: ticket.delivery, attempt: ticket.attempt, address: ticket.address, content: content,
            recipient: message.recipient, campaign: message.campaign, category: message.category,
            possibleDuplicate: job.candidate.possibleDuplicate, admittedAt: ticket.admittedAt,
            timeout: settings.attemptTimeout)
        completer.begins(ticket.ledgerID, endsBy: latest + settings.attemptTimeout + .seconds(5))
        if wait > .milliseconds(2) {
            Task { [transport, completer] in
                try? await Task.sleep(for: wait)
                // The process may have been stopped while it waited for its turn.
                guard ContinuousClock.now <= latest else { return notBegun(sent) }
                provider.send(parcel, over: transport) { completer.ended(sent, outcome: $0) }
            }
        } else {
            provider.send(parcel, over: transport) { [completer] in completer.ended(sent, outcome: $0) }
        }
    }

    private func notBegun(_ parcel: SentParcel) {
        var sent = parcel
        sent.hasBegun = false
        completer.ended(sent, outcome: Outcome(.transient, detail: "not begun in time; nothing was sent"))
    }

    private func abandon(_ jobs: [Job]) async {
        for job in jobs { if let provider = job.provider { router.abandoned(provider.name) } }
        await giveBack(jobs.map(\.claimed.claim))
    }

    private func settle(_ transitions: [ClaimTransition]) async throws(StoreError) {
        try await store.settle(transitions)
        for transition in transitions { telemetry.transition(transition.entry) }
        gate.give(back: transitions.count)
    }

    private func giveBack(_ claims: [Claim]) async {
        await store.giveBack(claims)
        gate.give(back: claims.count)
    }
}
