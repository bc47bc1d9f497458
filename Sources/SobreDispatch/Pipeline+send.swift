import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore

/// Handing deliveries over to providers.
extension Pipeline {
    /// One call that is about to be made.
    private struct Call: Sendable {
        var provider: any Provider
        var outbound: OutboundMessage
        var priority: Priority
        /// How long the call is expected to wait for its place under the provider's rate limit.
        var wait: Duration
        /// The latest start. A call that cannot begin by then is not made.
        var latest: ContinuousClock.Instant
        var permit: StartPermit
    }

    /// When a batch was decided, and what its decisions have seen. Both are read before the store is asked.
    struct AdmissionMoment: Sendable {
        var begunAt: ContinuousClock.Instant
        /// A ``RecentChanges/mark``.
        var mark: UInt64
        /// A ``PausesInForce/mark``.
        var pauseMark: UInt64
    }

    /// Whom and what a call is for, as what changes meanwhile is noted.
    private struct Subject {
        /// The message, and the recipient under all names.
        var names: [KeyHash]
        var message: Message
        var decided: AdmissionMoment

        init(of claimed: ClaimedDelivery, decided: AdmissionMoment) {
            message = claimed.message
            self.decided = decided
            names = [.message(message.id), .recipient(message.recipient)]
            guard let profile = claimed.profile else { return }
            if profile.id != message.recipient { names.append(.recipient(profile.id)) }
            names += profile.aliases.map { .recipient($0) }
        }
    }

    /// Hands an admitted delivery over to its provider.
    func send(_ routed: RoutedDelivery, admitted: AdmittedAttempt, decided: AdmissionMoment, now: Instant) {
        let message = routed.input.claimed.message
        let change = DeliveryChange(
            .unknown, attempt: admitted.attempt, channel: routed.input.channel, provider: routed.request.provider,
            possibleDuplicate: routed.request.possibleDuplicate, policyVersion: admitted.policyVersion,
            templateVersion: routed.request.templateVersion)
        let sent = SentAttempt(
            ledgerID: admitted.ledgerID, delivery: admitted.delivery, change: change, address: admitted.address,
            since: message.beginsAt, dueAt: routed.input.claimed.dueAt, chosenAt: routed.chosenAt,
            expiresAt: policy.expiresAt(message), category: message.category,
            trace: message.trace,
            resendsUnknown: policy.resendsUnknown(category: message.category),
            hasFurtherChannels: routed.input.hasFurtherChannels, nextChannel: routed.input.nextChannel,
            beginsAtChannel: routed.input.planBegin == routed.input.channel)
        if routed.request.possibleDuplicate { telemetry.resent() }
        // The policy admits no delivery that lacks content or a provider.
        guard let content = routed.content, let provider = routed.provider else { return notBegun(sent) }
        guard let startAt = router.handOver(to: provider.name, at: now) else {
            return recorder.ended(sent, hasBegun: false, outcome: Self.limited(provider))
        }
        var outbound = OutboundMessage(
            delivery: admitted.delivery, attempt: admitted.attempt, address: admitted.address, content: content,
            recipient: message.recipient, campaign: message.campaign, category: message.category,
            possibleDuplicate: routed.request.possibleDuplicate, admittedAt: admitted.admittedAt,
            timeout: settings.limits.attemptTimeout)
        outbound.expiresAt = sent.expiresAt
        outbound.trace = message.trace
        let subject = Subject(of: routed.input.claimed, decided: decided)
        let call = call(outbound, of: subject, by: provider, at: startAt, now: now)
        if !admitted.furtherAddresses.isEmpty {
            return send(call, of: subject, further: admitted.furtherAddresses, sent, now: now)
        }
        recorder.begins(admitted.ledgerID, endsBy: call.latest + settings.limits.attemptTimeout + .seconds(5))
        make(call) { [recorder] outcome, hasBegun in recorder.ended(sent, hasBegun: hasBegun, outcome: outcome) }
    }

    /// Sends to several devices: one call for each, all under one ledger row.
    private func send(
        _ first: Call, of subject: Subject, further: [Address], _ sent: SentAttempt, now: Instant
    ) {
        let pauses = store.pausesInForce.all
        var calls: [(call: Call?, address: Address)] = [(first, first.outbound.address)]
        for address in further.prefix(settings.limits.maxDevices - 1) {
            var outbound = first.outbound
            outbound.address = address
            outbound.isFurtherDevice = true
            let place = router.join(
                outbound.content, to: address, beside: first.provider.name,
                isPaused: { pauses.covering(subject.message.draft, on: address.channel, through: $0) != nil }, at: now)
            let next = place.map { call(outbound, of: subject, by: $0.provider, at: $0.startAt, now: now) }
            calls.append((next, address))
        }
        let latest = calls.compactMap(\.call?.latest).max() ?? first.latest
        recorder.begins(sent.ledgerID, endsBy: latest + settings.limits.attemptTimeout + .seconds(5))
        let gathered = DeviceCalls(count: calls.count)
        for (index, (call, address)) in calls.enumerated() {
            let name = call?.provider.name ?? address.provider ?? first.provider.name
            let hasPlace = call != nil
            let done: @Sendable (Outcome, Bool) -> Void = { [recorder] outcome, hasBegun in
                let ended = DeviceCall(
                    provider: name, address: address, outcome: outcome, hasBegun: hasBegun, hasPlace: hasPlace)
                guard let all = gathered.ended(index, ended) else { return }
                recorder.ended(
                    sent, hasBegun: all.contains(where: \.hasBegun), outcome: DeviceCalls.fold(all), calls: all)
            }
            if let call {
                make(call, isJoined: index > 0, done: done)
            } else {
                done(Outcome(.transient, detail: "\(name), which issued the token, cannot send now"), false)
            }
        }
    }

    private func call(
        _ outbound: OutboundMessage, of subject: Subject, by provider: any Provider, at startAt: Instant, now: Instant
    ) -> Call {
        let wait = min(max(.zero, startAt - now), settings.limits.maxWait)
        let latest = subject.decided.begunAt + settings.limits.guardTime + wait
        let pauses = StartPermit.Pauses(
            inForce: store.pausesInForce, mark: subject.decided.pauseMark, message: subject.message,
            channel: outbound.address.channel, provider: provider.name)
        let permit = StartPermit(
            latest: latest, pace: settings.pace, changes: store.changes, mark: subject.decided.mark,
            keys: subject.names + [outbound.address.subject], pauses: pauses)
        var outbound = outbound
        outbound.mayBegin = { permit.mayBegin() }
        return Call(
            provider: provider, outbound: outbound, priority: subject.message.draft.priority, wait: wait,
            latest: latest, permit: permit)
    }

    /// Makes a call once its provider has a place for it. `done` gets the outcome, and whether the call was made at all.
    /// A call that joins another of the same message waits for its rate only.
    private func make(
        _ call: Call, isJoined: Bool = false, done: @escaping @Sendable (Outcome, _ hasBegun: Bool) -> Void
    ) {
        // A prepared call holds its whole request in memory. Those with files are made when their turn has come.
        if !isJoined, call.provider.preparesAhead, !call.outbound.hasFiles { return prepare(call, done: done) }
        let entry = StartQueue.Entry(
            priority: call.priority, permit: call.permit, begin: { makeNow(call, done: done) },
            refuse: { done(Self.outcome(of: $0, call.provider), false) })
        if isJoined {
            starts.addJoined(entry, to: call.provider.name, after: call.wait)
        } else {
            starts.add(entry, to: call.provider.name)
        }
    }

    private func makeNow(_ call: Call, done: @escaping @Sendable (Outcome, _ hasBegun: Bool) -> Void) {
        guard call.outbound.hasFiles else { return handOver(call, done: done) }
        loadFiles(of: call.outbound) { [starts] loaded in
            switch loaded {
            case .ready(let outbound):
                var call = call
                call.outbound = outbound
                handOver(call, done: done)
            case .failed(let outcome):
                done(outcome, false)
                starts.ended(call.provider.name)
            }
        }
    }

    private func handOver(_ call: Call, done: @escaping @Sendable (Outcome, _ hasBegun: Bool) -> Void) {
        let name = call.provider.name
        call.provider.send(call.outbound, over: transport) { [permit = call.permit, starts, telemetry] outcome in
            // The outcome first: it may close the provider for the calls that wait.
            if let refused = Self.outcome(of: permit) {
                done(refused, false)
            } else {
                telemetry.called(name, outcome.kind, took: permit.elapsed)
                done(outcome, true)
            }
            starts.ended(name)
        }
    }

    /// Prepares a call while others are on the wire, so that it begins at once when its turn comes.
    private func prepare(_ call: Call, done: @escaping @Sendable (Outcome, _ hasBegun: Bool) -> Void) {
        if let refusal = call.permit.refusal() { return done(Self.outcome(of: refusal, call.provider), false) }
        let name = call.provider.name
        let held = HeldTransport(
            over: transport, starts: starts, provider: name, priority: call.priority, permit: call.permit)
        call.provider.send(call.outbound, over: held) { [permit = call.permit, starts, telemetry] outcome in
            switch held.phase {
            // It could not be prepared.
            case .prepared:
                telemetry.called(name, outcome.kind, took: nil)
                done(outcome, true)
            case .refused(let refusal): done(Self.outcome(of: refusal, call.provider), false)
            case .begun:
                if let refused = Self.outcome(of: permit) {
                    done(refused, false)
                } else {
                    telemetry.called(name, outcome.kind, took: permit.elapsed)
                    done(outcome, true)
                }
                starts.ended(name)
            }
        }
    }

    private static func outcome(of refusal: StartQueue.Refusal, _ provider: any Provider) -> Outcome {
        switch refusal {
        case .late: lateOutcome(provider)
        case .changed: notBegunOutcome
        case .paused: pausedOutcome
        case .closed: limited(provider)
        }
    }

    /// The outcome of a call that was refused when its first byte would have left; nil when it was not refused.
    private static func outcome(of permit: StartPermit) -> Outcome? {
        permit.whyRefused.map { $0 == .paused ? pausedOutcome : notBegunOutcome }
    }

    /// The outcome of a call whose permission to begin ended. The delivery is decided anew.
    private static let notBegunOutcome = Outcome(
        .transient, detail: "not started in time, or the recipient changed meanwhile; nothing was sent")

    /// The outcome of a call that an operator's pause kept from beginning.
    static let pausedOutcome = Outcome(.transient, detail: "paused before it began; nothing was sent")

    /// The outcome of a call that was admitted ahead, for which no call of the provider became free in time.
    private static func lateOutcome(_ provider: any Provider) -> Outcome {
        Outcome(.throttled, detail: "no call of \(provider.name) became free in time; nothing was sent")
    }

    private static func limited(_ provider: any Provider) -> Outcome {
        Outcome(.throttled, detail: "\(provider.name) cannot accept calls now; nothing was sent")
    }

    private func notBegun(_ sent: SentAttempt) {
        recorder.ended(sent, hasBegun: false, outcome: Self.notBegunOutcome)
    }
}
