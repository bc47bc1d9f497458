import Logging
import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore

/// The path of every message: claim, render, route, admit, send. Processes one batch at a time.
///
/// While many messages are refused, a batch is decided before it is rendered: what is refused costs no rendering, and
/// the rest is rendered and decided once more.
///
/// Each stage takes values and returns values. Deliveries that leave the pipeline early are settled in one write.
struct Pipeline: Sendable {
    let store: any QueueStore
    let renderer: any DeliveryRendering
    let policy: any DeliveryDeciding
    let router: Router
    let transport: any Transport
    let recorder: OutcomeRecorder
    let gate: InFlightGate
    let starts: StartQueue
    let settings: DispatchSettings
    let time: any TimeSource
    let telemetry: Telemetry
    let refusals = RefusalShare()

    init(
        store: any QueueStore, renderer: any DeliveryRendering, policy: any DeliveryDeciding, router: Router,
        transport: any Transport, recorder: OutcomeRecorder, gate: InFlightGate, starts: StartQueue,
        settings: DispatchSettings, time: any TimeSource, telemetry: Telemetry
    ) {
        self.store = store
        self.renderer = renderer
        self.policy = policy
        self.router = router
        self.transport = transport
        self.recorder = recorder
        self.gate = gate
        self.starts = starts
        self.settings = settings
        self.time = time
        self.telemetry = telemetry
    }

    /// One run of a claimed delivery through the pipeline, on one channel.
    struct RenderInput: Sendable {
        var claimed: ClaimedDelivery
        var channel: Channel
        /// The channels of the plan before this one are excluded, because they rejected the content.
        var planBegin: Channel?

        /// Whether the plan has channels after this one.
        var hasFurtherChannels: Bool {
            let message = claimed.message
            guard !message.draft.route.hasDeliveryPerChannel else {
                return message.plan(of: claimed.claim.delivery).last != channel
            }
            return message.draft.channels.last != channel
        }

        /// The next channel of the plan on which the recipient has an address.
        var nextChannel: Channel? {
            // Most messages have one channel, and then no plan is made.
            if claimed.message.draft.channels.count == 1 { return nil }
            let plan = claimed.message.plan(of: claimed.claim.delivery)
            guard let index = plan.firstIndex(of: channel) else { return nil }
            return plan[(index + 1)...].first { claimed.profile?.hasAddress(on: $0) ?? false }
        }
    }

    /// A delivery in the pipeline with the results of the stages so far.
    ///
    /// A class, because it passes through several arrays, and a copy of all its fields costs more than a reference.
    final class RoutedDelivery: Sendable {
        let input: RenderInput
        let content: RenderedMessage?
        let provider: (any Provider)?
        /// Not later than when the provider was chosen.
        let chosenAt: Instant?
        let request: AdmissionRequest

        init(
            input: RenderInput, content: RenderedMessage? = nil, provider: (any Provider)? = nil,
            chosenAt: Instant? = nil, request: AdmissionRequest
        ) {
            self.input = input
            self.content = content
            self.provider = provider
            self.chosenAt = chosenAt
            self.request = request
        }
    }

    /// The result of preparing a batch.
    struct PreparedBatch: Sendable {
        var deliveries: [RoutedDelivery] = []
        var settled: [ClaimTransition] = []
        var givenBack: [Claim] = []
        /// Deliveries whose content was rejected; they are tried again on the next channel.
        var again: [RenderInput] = []
    }

    /// Takes claims through the pipeline. Each claim ends as sent, settled or given back, and holds one permit of the
    /// gate until then.
    ///
    /// - Parameters:
    ///   - claims: what was claimed.
    ///   - onRouted: called once, when each claim has its place with a provider or needs none.
    /// - Returns: how many claims were not given back.
    /// - Throws: `StoreError` when the store fails. All claims are given back then.
    func process(
        _ claims: [ClaimedDelivery], onRouted: @Sendable () -> Void = {}
    ) async throws(StoreError) -> Int {
        var hasRouted = false
        defer { if !hasRouted { onRouted() } }
        var returned = 0
        var round = claims.map(firstInput)
        var isFirst = true
        for _ in 0...(2 * Channel.allCases.count) where !round.isEmpty {
            let isEarly = isFirst && refusals.areMany
            let batch = isEarly ? unprepared(round) : await prepared(round)
            if !isEarly, !hasRouted {
                hasRouted = true
                onRouted()
            }
            do {
                if !batch.givenBack.isEmpty { await giveBack(batch.givenBack) }
                returned += batch.givenBack.count
                if !batch.settled.isEmpty { try await settle(batch.settled) }
            } catch {
                await abandon(batch.deliveries)
                await giveBack(batch.settled.map(\.claim) + batch.again.map(\.claimed.claim))
                throw error
            }
            do {
                let admission = try await admit(batch.deliveries)
                if isFirst { refusals.count(refused: admission.refused, of: batch.deliveries.count) }
                isFirst = false
                returned += admission.givenBack
                round = admission.again + batch.again
            } catch {
                await giveBack(batch.again.map(\.claimed.claim))
                throw error
            }
        }
        if !round.isEmpty { await giveBack(round.map(\.claimed.claim)) }  // the plan changed meanwhile: begin anew
        return claims.count - returned - round.count
    }

    /// The channel a delivery begins on: the one it was deferred on, else the first of the plan with an address.
    private func firstInput(of claimed: ClaimedDelivery) -> RenderInput {
        let delivery = claimed.claim.delivery
        if let channel = claimed.channel, claimed.message.plan(of: delivery).contains(channel) {
            return RenderInput(claimed: claimed, channel: channel, planBegin: claimed.beginsAtChannel ? channel : nil)
        }
        return RenderInput(claimed: claimed, channel: claimed.message.firstChannel(of: delivery, for: claimed.profile))
    }

    /// What became of a batch that was decided, besides what was sent.
    private struct Admission {
        /// Deliveries to be rendered, for another channel or for the first time.
        var again: [RenderInput] = []
        var refused = 0
        var givenBack = 0
    }

    /// Decides on a batch and sends what is admitted.
    private func admit(_ deliveries: [RoutedDelivery]) async throws(StoreError) -> Admission {
        var admission = Admission()
        guard !deliveries.isEmpty else { return admission }
        let decided = AdmissionMoment(
            begunAt: settings.pace.now(), mark: store.changes.mark, pauseMark: store.pausesInForce.mark)
        // Read before anything else of the policy. A decision may be made under a newer version than the one it names,
        // which the store rejects, but never under an older one.
        let version = policy.version
        let horizon = policy.horizon
        let conditions = AdmissionConditions(of: time, horizon: horizon, providers: router.providers)
        let results: [AdmissionResult]
        do {
            results = try await store.admit(
                deliveries.map(\.request), policyVersion: version, horizon: conditions.readingHorizon(for: horizon),
                attemptTimeout: settings.attemptLife
            ) { [policy] request, facts, now in
                policy.decide(request, facts: facts, conditions: conditions, at: now)
            }
        } catch {
            await abandon(deliveries)
            throw error
        }
        var undecided = Undecided()
        var stale = 0
        let now = time.now()
        telemetry.admitted(results.count { if case .admitted = $0 { true } else { false } })
        for index in deliveries.indices {
            let routed = deliveries[index]
            switch results[index] {
            case .admitted(let admitted):
                send(routed, admitted: admitted, decided: decided, now: now)
                continue
            case .rerouted(let channel):
                admission.again.append(
                    RenderInput(claimed: routed.input.claimed, channel: channel, planBegin: routed.input.planBegin))
            case .settled(let decision):
                telemetry.refused(decision)
                admission.refused += 1
            case .stale: stale += 1
            case .policyChanged(let newest):
                undecided.claims.append(routed.input.claimed.claim)
                undecided.newest = max(undecided.newest ?? newest, newest)
            case .undecided(let fault):
                undecided.claims.append(routed.input.claimed.claim)
                undecided.fault = fault
            }
            if let provider = routed.provider { router.withdraw(provider.name) }
        }
        gate.give(back: admission.refused + stale)
        if !undecided.claims.isEmpty { try await handle(undecided, admission.again) }
        admission.givenBack = undecided.claims.count
        return admission
    }

    /// Claims the store did not decide on, and why.
    private struct Undecided {
        var claims: [Claim] = []
        /// A version of the policy newer than the one used for the decision.
        var newest: Int?
        var fault: StoreError?
    }

    /// Gives the undecided claims back and loads the newer policy that they need.
    private func handle(_ undecided: Undecided, _ again: [RenderInput]) async throws(StoreError) {
        await giveBack(undecided.claims)
        do throws(StoreError) {
            if let newest = undecided.newest { try await policy.follow(version: newest) }
            if let fault = undecided.fault { throw fault }
        } catch {
            await giveBack(again.map(\.claimed.claim))
            throw error
        }
    }

    private func abandon(_ deliveries: [RoutedDelivery]) async {
        for routed in deliveries { if let provider = routed.provider { router.withdraw(provider.name) } }
        await giveBack(deliveries.map(\.input.claimed.claim))
    }

    private func settle(_ transitions: [ClaimTransition]) async throws(StoreError) {
        try await store.settle(transitions)
        for transition in transitions { telemetry.transition(transition.change) }
        gate.give(back: transitions.count)
    }

    private func giveBack(_ claims: [Claim]) async {
        await store.giveBack(claims)
        gate.give(back: claims.count)
    }
}
