public import SobreModel
public import SobreStore

/// Decides what follows from a receipt. Pure. The only place where receipts become states, suppressions and counters.
public struct ReceiptPolicy: Sendable {
    /// The hour of the recipient's local week (0…167, Monday 00:00 first) for an instant; nil when the zone is unknown.
    public var hourOfWeek: @Sendable (Profile?, Instant) -> Int?

    /// Whether an opening or a click on a channel may be attributed to the recipient: the profile, the channel, the time
    /// of the event and the present time.
    public var mayTrack: @Sendable (Profile?, Channel?, Instant, Instant) -> Bool

    public init(
        hourOfWeek: @escaping @Sendable (Profile?, Instant) -> Int?,
        mayTrack: @escaping @Sendable (Profile?, Channel?, Instant, Instant) -> Bool = { _, _, _, _ in true }
    ) {
        self.hourOfWeek = hourOfWeek
        self.mayTrack = mayTrack
    }

    /// Decides on one receipt by what is known of its delivery.
    public func verdict(_ facts: ReceiptFacts, at now: Instant) -> ReceiptVerdict {
        let verdict = attributed(facts, at: now)
        // A receipt that its sender may not report says nothing, not even without the recipient.
        guard case .apply = verdict, facts.receipt.kind.isTracking, !mayTrack(facts, at: now) else { return verdict }
        if facts.fold[facts.receipt.kind] != nil { return .ignore("it was already reported") }
        return .anonymise(proof(facts, at: now))
    }

    /// What an opening proves without its recipient: that the provider accepted the message.
    private func proof(_ facts: ReceiptFacts, at now: Instant) -> ReceiptEffect? {
        guard facts.last.state.isPending || facts.last.state == .unknown else { return nil }
        var facts = facts
        facts.receipt.kind = .sent
        facts.receipt.at = now
        facts.receipt.detail = ""
        guard case .apply(let effect) = attributed(facts, at: now) else { return nil }
        return effect
    }

    private func mayTrack(_ facts: ReceiptFacts, at now: Instant) -> Bool {
        mayTrack(facts.profile, facts.attempts.last?.channel ?? facts.last.channel, min(facts.receipt.at, now), now)
    }

    private func attributed(_ facts: ReceiptFacts, at now: Instant) -> ReceiptVerdict {
        let receipt = facts.receipt
        let state = facts.last.state
        guard !facts.attempts.isEmpty || state == .sent || DeliveryState.reported.contains(state) || state == .unknown
        else {
            return .ignore("this delivery sent nothing")
        }
        if receipt.isSigned, !facts.attempts.isEmpty,
            !facts.attempts.contains(where: { $0.provider == receipt.provider })
        {
            return .ignore("the message was not sent through \(receipt.provider)")
        }
        if state == .attempting { return .wait("the attempt has no recorded outcome yet") }
        if !receipt.kind.endsWaiting {
            if state.isPending { return .wait("the delivery waits for another attempt") }
            if receipt.address == nil, !isClear(facts) {
                return .ignore("it does not identify one of several attempts")
            }
        }
        if receipt.isOneOfSeveral, let effect = deviceFailure(facts, at: now) { return .apply(effect) }
        var fold = facts.fold
        // A time in the future says nothing about habits, and would make every later report the earliest.
        let event = ReceiptFold.Event(
            at: min(receipt.at, now), detail: receipt.detail, hour: hour(of: receipt, facts, now: now))
        guard fold.add(receipt.kind, event) else { return .ignore("it was already reported") }
        var effect = ReceiptEffect(fold: fold)
        effect.entry = entry(facts, fold: fold, at: now)
        settleLedger(facts, fold: fold, &effect)
        if facts.fold[receipt.kind] == nil { effect.suppressions = suppressions(facts, at: now) }
        // A delivery to somebody whose openings are not counted would look like one that was not opened.
        if !facts.message.isTest, mayTrack(facts, at: now) { effect.engagement = engagement(facts, fold: fold) }
        effect.arrival = arrival(facts, at: now)
        effect.metEscalation = metEscalation(facts, state: effect.entry?.state ?? state)
        return .apply(effect)
    }

    /// Whether a `failed` or `rejected` receipt can only refer to one attempt.
    private func isClear(_ facts: ReceiptFacts) -> Bool {
        if let reported = facts.receipt.providerID, let known = facts.providerID { return reported == known }
        return facts.attempts.count { $0.state != .released } <= 1
    }

    /// The delivery's next log entry. It depends on all events together, so that their order does not matter.
    private func entry(_ facts: ReceiptFacts, fold: ReceiptFold, at now: Instant) -> LogEntry? {
        guard let strongest = fold.strongest, let event = fold[strongest] else { return nil }
        var entry = facts.last
        entry.state = fold.state(from: facts.last.state)
        // A `rejected` receipt that contradicts the provider's own acceptance changes nothing.
        if strongest == .rejected, entry.state != .failed { return nil }
        entry.reason = strongest.description
        entry.detail = event.detail
        if entry.state == facts.last.state, entry.reason == facts.last.reason, entry.detail == facts.last.detail {
            return nil
        }
        entry.sequence = 0
        entry.at = now
        entry.dueAt = nil
        entry.explanation = nil
        if let attempt = facts.attempts.last {
            entry.channel = attempt.channel
            entry.provider = attempt.provider
        }
        entry.providerID = facts.receipt.providerID ?? facts.providerID
        return entry
    }

    /// A row stays committed unless the receipt proves that the message was not accepted. A row that was released is
    /// committed when a receipt shows that there was a contact.
    private func settleLedger(_ facts: ReceiptFacts, fold: ReceiptFold, _ effect: inout ReceiptEffect) {
        let counted = facts.attempts.filter { $0.state != .released }
        if fold.provesAcceptance {
            if counted.isEmpty, let last = facts.attempts.last { effect.committed = [last.ledgerID] }
        } else if facts.last.state == .unknown, counted.count == 1, counted[0].state == .committed {
            effect.released = [counted[0].ledgerID]
        }
    }

    /// Suppressions are in force at the next decision. Each kind of event adds one only once, so that a repeated
    /// receipt does not restore one that was lifted.
    private func suppressions(_ facts: ReceiptFacts, at now: Instant) -> [Suppression] {
        let reason: Suppression.Reason
        var category: String?
        // A receipt refers to the address its provider was given, which may differ from the last one.
        let own = facts.attempts.last { $0.provider == facts.receipt.provider }
        guard let attempt = own ?? facts.attempts.last else { return [] }
        switch facts.receipt.kind {
        case .bouncedHard: reason = attempt.channel.deadAddressReason
        case .complained: reason = .complaint
        case .unsubscribed:
            reason = .unsubscribed
            category = facts.message.category
        default: return []
        }
        let subject = facts.receipt.address ?? attempt.address
        let address = facts.profile?.addresses.first { $0.subject == subject }
        return [
            Suppression(
                subject: subject, label: address?.masked ?? "\(attempt.channel) of \(facts.message.recipient)",
                reason: reason, channel: attempt.channel, category: category,
                source: "receipt:\(facts.receipt.provider)", at: now)
        ]
    }

    /// What follows when one of several devices was not reached: a dead one is suppressed, and the message stays what it
    /// is. Nil for a report that is no failure.
    private func deviceFailure(_ facts: ReceiptFacts, at now: Instant) -> ReceiptEffect? {
        switch facts.receipt.kind {
        case .bouncedHard, .bouncedSoft, .failed, .rejected: break
        default: return nil
        }
        var effect = ReceiptEffect(fold: facts.fold)
        effect.suppressions = suppressions(facts, at: now)
        return effect
    }

    private func hour(of receipt: Receipt, _ facts: ReceiptFacts, now: Instant) -> Int? {
        switch receipt.kind {
        case .opened, .clicked: hourOfWeek(facts.profile, min(receipt.at, now))
        default: nil
        }
    }

    /// Each event of a message counts once, under the hour of the earliest known time.
    private func engagement(_ facts: ReceiptFacts, fold: ReceiptFold) -> [EngagementChange] {
        guard let channel = facts.attempts.last?.channel ?? facts.last.channel else { return [] }
        var changes: [EngagementChange] = []
        if fold.provesDelivery, !facts.fold.provesDelivery { changes.append(.init(.event(.delivered, channel), 1)) }
        for (kind, event) in [(Receipt.Kind.opened, Engagement.Event.opened), (.clicked, .clicked)] {
            guard let new = fold[kind] else { continue }
            let old = facts.fold[kind]
            if old == nil { changes.append(.init(.event(event, channel), 1)) }
            guard old?.hour != new.hour else { continue }
            if let hour = old?.hour { changes.append(.init(.hour(hour), -1)) }
            if let hour = new.hour { changes.append(.init(.hour(hour), 1)) }
        }
        return changes
    }

    /// How long the delivery took, while nothing but its hand-over was known of it.
    private func arrival(_ facts: ReceiptFacts, at now: Instant) -> ReceiptEffect.Arrival? {
        guard facts.receipt.kind == .delivered, facts.last.state == .sent, let provider = facts.last.provider else {
            return nil
        }
        return ReceiptEffect.Arrival(
            provider: provider, delay: max(.zero, min(facts.receipt.at, now) - facts.last.at))
    }

    private func metEscalation(_ facts: ReceiptFacts, state: DeliveryState) -> String? {
        guard facts.message.route == .escalate, facts.message.escalation.isMet(by: state) else { return nil }
        return "\(facts.attempts.last?.channel.description ?? "an earlier channel") is \(state)"
    }
}
