import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore
import Threads

/// Rendering and routing, the stages before the decision.
extension Pipeline {
    /// Renders and routes a batch, on the threads for rendering.
    func prepared(_ inputs: [RenderInput]) async -> PreparedBatch {
        guard let threads = settings.renderThreads else { return prepare(inputs) }
        let isUrgent = inputs.allSatisfy(\.claimed.message.draft.priority.isUrgent)
        return await threads.run(isUrgent: isUrgent) { prepare(inputs) }
    }

    /// A batch to be decided before it is rendered. Nothing of it is admitted.
    func unprepared(_ inputs: [RenderInput]) -> PreparedBatch {
        PreparedBatch(deliveries: inputs.map { RoutedDelivery(input: $0, request: request($0)) })
    }

    private func prepare(_ inputs: [RenderInput]) -> PreparedBatch {
        var batch = PreparedBatch()
        batch.deliveries.reserveCapacity(inputs.count)
        for input in inputs { prepare(input, into: &batch) }
        return batch
    }

    /// Renders and routes one delivery. The delivery may leave the pipeline here.
    private func prepare(_ input: RenderInput, into batch: inout PreparedBatch) {
        let now = time.now()
        let claimed = input.claimed
        var request = request(input)
        // Without an address there is nothing to render: the decision drops or reroutes the delivery and explains why.
        // An expired message expires even if it could not be rendered or routed.
        guard let address = claimed.profile?.address(on: input.channel) else {
            return batch.deliveries.append(RoutedDelivery(input: input, request: request))
        }
        let expiresAt = policy.expiresAt(claimed.message)
        if let expiresAt, expiresAt <= now {
            return batch.deliveries.append(RoutedDelivery(input: input, request: request))
        }
        // Nothing is rendered that a pause holds: a template may be what it waits for.
        let pauses = store.pausesInForce.all
        if pauses.covering(claimed.message.draft, on: input.channel) != nil {
            return batch.deliveries.append(RoutedDelivery(input: input, request: request))
        }
        switch renderer.render(claimed, channel: input.channel, at: now) {
        case .ready(let content, let fingerprint, let version):
            request.fingerprint = fingerprint
            request.templateVersion = version
            route(input, content, &request, to: address, expiresAt: expiresAt, pauses, now: now, into: &batch)
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
    }

    private func route(
        _ input: RenderInput, _ content: RenderedMessage, _ request: inout AdmissionRequest, to address: Address,
        expiresAt: Instant?, _ pauses: [SendingPause], now: Instant, into batch: inout PreparedBatch
    ) {
        let claimed = input.claimed
        let only = claimed.possibleDuplicate ? claimed.provider : nil
        let choice = router.choose(
            content, of: claimed.claim.delivery, to: address, rotation: claimed.attempts, only: only,
            isPaused: { pauses.covering(claimed.message.draft, on: input.channel, through: $0) != nil }, at: now)
        switch choice {
        case .provider(let provider):
            request.provider = provider.name
            request.isRendered = true
            batch.deliveries.append(
                RoutedDelivery(
                    input: input, content: content, provider: provider, chosenAt: now, request: request))
        case .paused(let name):
            // The decision holds it, with who paused the provider and why.
            request.provider = name
            request.hasOnlyProvider = true
            batch.deliveries.append(RoutedDelivery(input: input, content: content, request: request))
        case .busy where input.channel == queueChannel(of: claimed):
            batch.givenBack.append(claimed.claim)
        case .busy:
            // The delivery was claimed together with work for another channel. If it were given back, it would be
            // claimed again and again before work that can go. Deferring it moves it to the queue of this channel.
            settle(input, .deferred(.none), into: &batch) { change in
                change.reason = HoldReason.providerLimited.rawValue
                change.detail = "the providers of \(input.channel) are busy"
            }
        case .hold(let until, let reason, let detail):
            let length = max(until - now, min((now - claimed.message.beginsAt) / 2, settings.retry.cap))
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

    /// Makes a delivery leave the pipeline before its decision.
    private func settle(
        _ input: RenderInput, _ next: NextState, into batch: inout PreparedBatch,
        because explain: (inout DeliveryChange) -> Void
    ) {
        var change = DeliveryChange(next, attempt: input.claimed.attempts, channel: input.channel)
        explain(&change)
        batch.settled.append(ClaimTransition(claim: input.claimed.claim, change: change))
    }

    /// The state in which a delivery ends without another attempt: `unknown` if an earlier attempt may have reached the
    /// recipient, else `state`.
    private func final(_ state: NextState, _ claimed: ClaimedDelivery) -> NextState {
        claimed.possibleDuplicate ? .unknown : state
    }

    /// The wait before a broken template is tried again: half the age of the message, within bounds. The number of log
    /// entries thus grows only with the logarithm of the time.
    private func renderWait(_ message: Message, at now: Instant) -> Duration {
        min(max(settings.renderRetry, (now - message.beginsAt) / 2), max(settings.renderRetry, settings.retry.cap))
    }

    /// The channel under which the store queues a delivery: the one it was deferred on, else the first of its plan.
    private func queueChannel(of claimed: ClaimedDelivery) -> Channel? {
        claimed.channel ?? claimed.message.firstPlannedChannel(of: claimed.claim.delivery)
    }

    private func request(_ input: RenderInput) -> AdmissionRequest {
        let claimed = input.claimed
        return AdmissionRequest(
            delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message,
            channel: input.channel, attempt: claimed.attempts + 1, possibleDuplicate: claimed.possibleDuplicate,
            planBegin: input.planBegin, isRendered: false)
    }
}
