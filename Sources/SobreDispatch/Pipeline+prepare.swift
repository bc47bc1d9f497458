import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore

/// Rendering and routing.
extension Pipeline {
    /// Renders and routes one delivery. It may leave the pipeline here.
    func prepare(_ input: RenderInput, into batch: inout PreparedBatch) {
        let now = time.now()
        let claimed = input.claimed
        var routed = RoutedDelivery(input: input, request: request(input))
        // Without an address there is nothing to render: the decision drops it, reroutes it and explains. What is too
        // late expires whether it could be rendered and routed or not.
        guard let address = claimed.profile?.address(on: input.channel) else { return batch.deliveries.append(routed) }
        let expiresAt = policy.expiresAt(claimed.message)
        if let expiresAt, expiresAt <= now { return batch.deliveries.append(routed) }
        switch renderer.render(claimed, channel: input.channel, at: now) {
        case .ready(let content, let fingerprint, let version):
            routed.content = content
            routed.request.fingerprint = fingerprint
            routed.request.templateVersion = version
        case .aborted(let reason, let version):
            return settle(input, final(.dropped, claimed), into: &batch) { change in
                change.reason = DropReason.abortedByTemplate.rawValue
                change.detail = reason
                change.templateVersion = version
            }
        case .failed(let reason, let version):
            let wait = Wait(renderWait(claimed.message, at: now), noLaterThan: expiresAt)
            return settle(input, .held(wait), into: &batch) { change in
                change.reason = HoldReason.renderFailed.rawValue
                change.detail = reason
                change.templateVersion = version
            }
        }
        route(&routed, to: address, expiresAt: expiresAt, now: now, into: &batch)
    }

    private func route(
        _ routed: inout RoutedDelivery, to address: Address, expiresAt: Instant?, now: Instant,
        into batch: inout PreparedBatch
    ) {
        let input = routed.input
        let claimed = input.claimed
        let only = claimed.possibleDuplicate ? claimed.provider : nil
        switch router.choose(routed.content!, to: address, rotation: claimed.attempts, only: only, at: now) {
        case .provider(let provider):
            routed.provider = provider
            routed.request.provider = provider.name
            routed.request.isRendered = true
            batch.deliveries.append(routed)
        case .busy where input.channel == queueChannel(of: claimed):
            batch.givenBack.append(claimed.claim)
        case .busy:
            // It was claimed with another channel's work and would be so again and again, ahead of what can go there:
            // it moves to where it waits for this channel.
            settle(input, .deferred(.none), into: &batch) { change in
                change.reason = HoldReason.providerLimited.rawValue
                change.detail = "the providers of \(input.channel) are busy"
            }
        case .hold(let until, let reason, let detail):
            let length = max(until - now, min(age(of: claimed.message, at: now) / 2, settings.retry.cap))
            settle(input, .held(Wait(length, noLaterThan: expiresAt)), into: &batch) { change in
                change.reason = reason.rawValue
                change.detail = detail
            }
        case .refused(let outcome):
            if let next = input.nextChannel, !claimed.possibleDuplicate {
                batch.again.append(RenderInput(claimed: claimed, channel: next, planBegin: next))
                return
            }
            settle(input, final(.failed, claimed), into: &batch) { change in
                change.reason = outcome.kind.rawValue
                change.detail = outcome.detail
            }
        }
    }

    /// Lets a delivery leave the pipeline before its decision.
    private func settle(
        _ input: RenderInput, _ next: NextState, into batch: inout PreparedBatch,
        because explain: (inout DeliveryChange) -> Void
    ) {
        var change = DeliveryChange(next, attempt: input.claimed.attempts, channel: input.channel)
        explain(&change)
        batch.settled.append(ClaimTransition(claim: input.claimed.claim, change: change))
    }

    /// The state in which a delivery ends without a further attempt: unknown where an earlier one may have reached the
    /// person.
    private func final(_ state: NextState, _ claimed: ClaimedDelivery) -> NextState {
        claimed.possibleDuplicate ? .unknown : state
    }

    /// The longer a template stays broken, the longer the wait: half as long again as the message waits already, so that
    /// its log grows with the logarithm of the time.
    private func renderWait(_ message: Message, at now: Instant) -> Duration {
        min(max(settings.renderRetry, age(of: message, at: now) / 2), max(settings.renderRetry, settings.retry.cap))
    }

    /// How long a message could have been on its way.
    private func age(of message: Message, at now: Instant) -> Duration {
        now - max(message.acceptedAt, message.sendAt ?? message.acceptedAt)
    }

    /// The channel under which the store keeps a delivery: where it was deferred, else the first of its plan.
    private func queueChannel(of claimed: ClaimedDelivery) -> Channel? {
        claimed.channel ?? claimed.message.plan(of: claimed.claim.delivery).first
    }

    private func request(_ input: RenderInput) -> AdmissionRequest {
        let claimed = input.claimed
        return AdmissionRequest(
            delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message,
            channel: input.channel, attempt: claimed.attempts + 1, possibleDuplicate: claimed.possibleDuplicate,
            planBegin: input.planBegin, isRendered: false)
    }
}
