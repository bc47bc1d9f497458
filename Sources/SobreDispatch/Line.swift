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

    /// One try to bring a claimed delivery through the line, on one channel.
    struct Turn {
        var claimed: ClaimedDelivery
        var channel: Channel
        /// The channels of the plan before this one are out: nobody there takes the content.
        var planBegin: Channel?

        /// The plan's next channel on which the person has an address.
        var nextChannel: Channel? {
            let plan = claimed.message.plan(of: claimed.claim.delivery)
            guard let index = plan.firstIndex(of: channel) else { return nil }
            return plan[(index + 1)...].first { claimed.profile?.address(on: $0) != nil }
        }
    }

    /// A delivery on its way, with what the steps so far have found.
    struct Job {
        var turn: Turn
        var content: RenderedMessage?
        var provider: (any Provider)?
        var candidate: AdmissionCandidate
    }

    /// What preparing a batch came to.
    struct Prepared {
        var jobs: [Job] = []
        var settled: [ClaimTransition] = []
        var givenBack: [Claim] = []
        /// Refused for its content: tried again on the next channel.
        var again: [Turn] = []
    }

    /// Takes claims through the line. Each claim ends: sent, settled, or given back; each holds one permit of the gate.
    ///
    /// - Returns: how many were not given back.
    func process(_ claims: [ClaimedDelivery]) async throws(StoreError) -> Int {
        var returned = 0
        var round = claims.map(firstTurn)
        for _ in 0...(2 * Channel.allCases.count) where !round.isEmpty {
            var prepared = Prepared()
            prepared.jobs.reserveCapacity(round.count)
            for turn in round { prepare(turn, into: &prepared) }
            do {
                if !prepared.givenBack.isEmpty { await giveBack(prepared.givenBack) }
                returned += prepared.givenBack.count
                if !prepared.settled.isEmpty { try await settle(prepared.settled) }
            } catch {
                await abandon(prepared.jobs)
                await giveBack(prepared.settled.map(\.claim) + prepared.again.map(\.claimed.claim))
                throw error
            }
            do {
                round = try await admit(prepared.jobs) + prepared.again
            } catch {
                await giveBack(prepared.again.map(\.claimed.claim))
                throw error
            }
        }
        if !round.isEmpty { await giveBack(round.map(\.claimed.claim)) }  // the plan changed under our feet: begin anew
        return claims.count - returned - round.count
    }

    /// Where a delivery begins: where it was deferred, else the first channel of the plan with an address.
    private func firstTurn(of claimed: ClaimedDelivery) -> Turn {
        let delivery = claimed.claim.delivery
        if let channel = claimed.channel, claimed.message.plan(of: delivery).contains(channel) {
            return Turn(claimed: claimed, channel: channel, planBegin: claimed.beginsAtChannel ? channel : nil)
        }
        return Turn(claimed: claimed, channel: claimed.message.firstChannel(of: delivery, for: claimed.profile))
    }

    /// The moment of truth for a batch. Returns what must be rendered for another channel.
    private func admit(_ jobs: [Job]) async throws(StoreError) -> [Turn] {
        guard !jobs.isEmpty else { return [] }
        let begun = settings.pace.now()
        let horizon = policy.horizon
        let corrections = time.corrections
        let results: [AdmissionResult]
        do {
            results = try await store.admit(
                jobs.map(\.candidate), horizon: corrections.reduce(horizon) { $0 + $1.by },
                attemptTimeout: settings.attemptLife,
                deciding: Self.decider(policy, horizon: horizon, alarm: time.alarm, corrections: corrections))
        } catch {
            await abandon(jobs)
            throw error
        }
        var again: [Turn] = []
        var freed = 0
        let now = time.now()
        for (job, result) in zip(jobs, results) {
            switch result {
            case .admitted(let ticket):
                telemetry.transition(to: .attempting)
                send(job, ticket: ticket, begunAt: begun, now: now)
                continue
            case .rerouted(let channel):
                again.append(Turn(claimed: job.turn.claimed, channel: channel, planBegin: job.turn.planBegin))
            case .settled(let decision):
                telemetry.decided(decision.verdict)
                freed += 1
            case .stale: freed += 1
            }
            if let provider = job.provider { router.withdraw(provider.name) }
        }
        gate.give(back: freed)
        return again
    }

    private func abandon(_ jobs: [Job]) async {
        for job in jobs { if let provider = job.provider { router.withdraw(provider.name) } }
        await giveBack(jobs.map(\.turn.claimed.claim))
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
