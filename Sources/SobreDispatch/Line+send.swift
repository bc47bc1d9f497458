import SobreDelivery
import SobreModel
import SobreStore

/// Handing over to providers.
extension Line {
    /// One call that is about to be made.
    private struct Call: Sendable {
        var provider: any Provider
        var parcel: Parcel
        /// For its place under the provider's rate limit.
        var wait: Duration
        /// A call that could not begin by then is not made.
        var latest: ContinuousClock.Instant
    }

    /// Hands an admitted delivery over.
    func send(_ job: Job, ticket: AttemptTicket, begunAt: ContinuousClock.Instant, now: Instant) {
        let message = job.turn.claimed.message
        let plan = message.plan(of: ticket.delivery)
        let entry = LogEntry(
            delivery: ticket.delivery, at: ticket.admittedAt, state: .attempting, attempt: ticket.attempt,
            channel: job.turn.channel, provider: job.candidate.provider,
            possibleDuplicate: job.candidate.possibleDuplicate, policyVersion: ticket.policyVersion,
            templateVersion: job.candidate.templateVersion)
        let sent = SentParcel(
            ledgerID: ticket.ledgerID, entry: entry, address: ticket.address, category: message.category,
            resendsUnknown: policy.resendsUnknown(category: message.category),
            hasFurtherChannels: plan.last != job.turn.channel, nextChannel: job.turn.nextChannel,
            beginsAtChannel: job.turn.planBegin == job.turn.channel)
        if job.candidate.possibleDuplicate { telemetry.resent() }
        // The decider admits nothing without them.
        guard let content = job.content, let provider = job.provider else { return notBegun(sent) }
        let startAt = router.handOver(to: provider.name, at: now)
        let parcel = Parcel(
            delivery: ticket.delivery, attempt: ticket.attempt, address: ticket.address, content: content,
            recipient: message.recipient, campaign: message.campaign, category: message.category,
            possibleDuplicate: job.candidate.possibleDuplicate, admittedAt: ticket.admittedAt,
            timeout: settings.attemptTimeout)
        let call = call(parcel, by: provider, at: startAt, now: now, begunAt: begunAt)
        if !ticket.furtherAddresses.isEmpty {
            return send(call, further: ticket.furtherAddresses, sent, now: now, begunAt: begunAt)
        }
        completer.begins(ticket.ledgerID, endsBy: call.latest + settings.attemptTimeout + .seconds(5))
        make(call) { [completer] outcome, hasBegun in completer.ended(sent, hasBegun: hasBegun, outcome: outcome) }
    }

    /// Several devices: as many calls under one ticket.
    private func send(
        _ first: Call, further: [Address], _ sent: SentParcel, now: Instant, begunAt: ContinuousClock.Instant
    ) {
        var calls: [(call: Call?, address: Address)] = [(first, first.parcel.address)]
        for address in further.prefix(Self.maxDevices - 1) {
            var parcel = first.parcel
            parcel.address = address
            parcel.isFurtherDevice = true
            let place = router.join(parcel.content, to: address, beside: first.provider.name, at: now)
            let next = place.map { call(parcel, by: $0.provider, at: $0.startAt, now: now, begunAt: begunAt) }
            calls.append((next, address))
        }
        let latest = calls.compactMap(\.call?.latest).max() ?? first.latest
        completer.begins(sent.ledgerID, endsBy: latest + settings.attemptTimeout + .seconds(5))
        let gathered = DeviceCalls(count: calls.count)
        for (index, (call, address)) in calls.enumerated() {
            let name = call?.provider.name ?? address.provider ?? first.provider.name
            let hasPlace = call != nil
            let done: @Sendable (Outcome, Bool) -> Void = { [completer] outcome, hasBegun in
                let ended = DeviceCall(
                    provider: name, address: address, outcome: outcome, hasBegun: hasBegun, hasPlace: hasPlace)
                guard let all = gathered.ended(index, ended) else { return }
                completer.ended(
                    sent, hasBegun: all.contains(where: \.hasBegun), outcome: DeviceCalls.fold(all), calls: all)
            }
            if let call {
                make(call, done: done)
            } else {
                done(Outcome(.transient, detail: "\(name), who issued the token, cannot send at present"), false)
            }
        }
    }

    /// The most devices of a person that one delivery reaches, in the profile's order.
    static let maxDevices = 20

    private func call(
        _ parcel: Parcel, by provider: any Provider, at startAt: Instant, now: Instant,
        begunAt: ContinuousClock.Instant
    ) -> Call {
        let wait = min(max(.zero, startAt - now), DispatchSettings.maxWait)
        return Call(provider: provider, parcel: parcel, wait: wait, latest: begunAt + settings.guardTime + wait)
    }

    /// Makes a call when its turn has come. `done` is told what it came to, and whether it was made at all.
    private func make(_ call: Call, done: @escaping @Sendable (Outcome, _ hasBegun: Bool) -> Void) {
        if call.wait > .milliseconds(2) {
            Task(executorPreference: settings.pace.executor) {
                await settings.pace.sleep(for: call.wait)
                makeNow(call, over: transport, done: done)
            }
        } else {
            makeNow(call, over: transport, done: done)
        }
    }

    private func makeNow(
        _ call: Call, over transport: any Transport, done: @escaping @Sendable (Outcome, _ hasBegun: Bool) -> Void
    ) {
        // The process may have been stopped between its decision and its turn.
        guard settings.pace.now() <= call.latest else {
            return done(Outcome(.transient, detail: "not begun in time; nothing was sent"), false)
        }
        call.provider.send(call.parcel, over: transport) { done($0, true) }
    }

    private func notBegun(_ sent: SentParcel) {
        completer.ended(
            sent, hasBegun: false, outcome: Outcome(.transient, detail: "not begun in time; nothing was sent"))
    }
}
