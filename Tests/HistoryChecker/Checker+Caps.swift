import SobreModel

extension Checker {
    /// I11: for every rolling window of every rule, every recipient and every instant x, at most N counted contacts
    /// that providers accepted in [x, x + W). Measured by the provider's times. A contact through an address counts for
    /// each profile that held the address when it was allowed.
    mutating func judgeCaps() {
        let taken = attempts.filter { $0.tookAt != nil }
        for attempt in taken {
            guard let promise = promises[attempt.intent.policyVersion] else { continue }
            guard promise.restrains(attempt.intent.draft) else { continue }
            for cap in promise.caps where cap.subject.covers(attempt.intent.draft, on: attempt.intent.channel) {
                judge(cap, attempt, CapBearer(people: attempt.people, wishes: attempt.wishes), taken)
                for other in attempt.others { judge(cap, attempt, other, taken) }
            }
        }
    }

    /// Whether this contact, with those allowed before it, exceeds the cap in a window that contains it.
    private mutating func judge(_ cap: Promise.Cap, _ attempt: Attempt, _ bearer: CapBearer, _ taken: [Attempt]) {
        let limit = cap.limit(for: attempt.intent.draft.priority, bearer.wishes)
        let at = attempt.tookAt!.at
        let times = taken.filter {
            $0.moment < attempt.moment && counts($0, toward: cap, of: attempt.intent)
                && isSame($0, attempt, bearer, cap)
                && !hasAged($0, for: attempt)
        }.map { $0.tookAt!.at }
        let most: Int
        switch cap.window {
        case .lifetime: most = times.count
        case .rolling(let seconds):
            let width = width(seconds)
            // The fullest window of that width that contains this contact.
            let starts = times.filter { $0 <= at && $0 > at - width } + [at]
            most = starts.map { start in times.filter { $0 >= start && $0 < start + width }.count }.max() ?? 0
        case .day:
            // The wall clock determines the day, so days are checked only if the clock was never set.
            guard !clockWasSet else { return }
            most = times.filter { day(of: $0) == day(of: at) }.count
        }
        if most + 1 > limit {
            let isOwn = most + 1 <= cap.limit(for: attempt.intent.draft.priority)
            broken(
                isOwn ? .wishHolds : .capHolds, at: attempt.tookAt,
                "\(bearer.people.sorted().joined(separator: "=")) got \(most + 1) within \(cap.name), which allows "
                    + "\(limit)"
                    + "\(isOwn ? " as the person wishes" : ""); the last is \(attempt.intent.delivery)")
        }
    }

    /// If the wall clock was set, the node's clock may run one part in a thousand fast until both agree.
    private func width(_ seconds: Int64) -> Int64 { clockWasSet ? seconds * 1000 - seconds * 2 - 5 : seconds * 1000 }

    /// Implements the manual's assumption about clocks: at start, a wall clock ahead of the last record is trusted.
    /// So contacts recorded after the wall clock was set back look older afterwards than they are.
    func hasAged(_ contact: Attempt, for later: Attempt) -> Bool {
        starts.contains { start in
            contact.moment < start && start < later.moment
                && setBacks.contains { $0 < start && $0.at <= (contact.tookAt ?? contact.moment).at }
        }
    }

    private func day(of at: Int64) -> Int64 { (testimony.beganAt.milliseconds + at) / 86_400_000 }

    /// Whether a contact counts toward another message's cap: by the policy in force when it was allowed, and if the
    /// cap applies to it.
    private func counts(_ contact: Attempt, toward cap: Promise.Cap, of intent: Intent) -> Bool {
        counts(contact, toward: cap)
            && (promises[intent.policyVersion] ?? Promise(categories: [])).sees(contact.intent.draft, for: intent.draft)
    }

    private func counts(_ contact: Attempt, toward cap: Promise.Cap) -> Bool {
        let promise = promises[contact.intent.policyVersion] ?? Promise(categories: [])
        return promise.counts(contact.intent.draft)
            && cap.subject.covers(contact.intent.draft, on: contact.intent.channel)
    }

    /// Whether an earlier contact counts for a profile together with another one, by the cap's shared fields.
    private func isSame(_ contact: Attempt, _ other: Attempt, _ bearer: CapBearer, _ cap: Promise.Cap) -> Bool {
        isOf(contact, bearer, cap)
            && shares(contact, other.intent.draft, other.intent.channel, other.intent.address.subject, cap.shared)
    }

    /// Whether a contact counts for a profile. A cap by address counts whatever went to the address.
    private func isOf(_ contact: Attempt, _ bearer: CapBearer, _ cap: Promise.Cap) -> Bool {
        cap.shared.contains(.address) || counts(contact, for: bearer.people)
    }

    /// Whether a contact was made to one of these ids, or through an address that one of them held at that moment.
    private func counts(_ contact: Attempt, for people: Set<String>) -> Bool {
        people.contains(contact.intent.draft.recipient) || !people.isDisjoint(with: contact.holders)
    }

    /// Whether a contact is one of a recipient's: counted for it, or made through an address that it holds now.
    func isOne(_ contact: Attempt, people: Set<String>, subjects: Set<KeyHash>) -> Bool {
        counts(contact, for: people) || subjects.contains(contact.intent.address.subject)
    }

    private func shares(
        _ contact: Attempt, _ draft: MessageDraft, _ channel: Channel, _ address: KeyHash?, _ shared: [Promise.Shared]
    ) -> Bool {
        shared.allSatisfy { trait in
            switch trait {
            case .address: contact.intent.address.subject == address
            case .channel: contact.intent.channel == channel
            case .campaign: contact.intent.draft.campaign == draft.campaign
            }
        }
    }

    /// Whether the cap named by a refusal is really full, with contacts that were made or may be in progress, as the
    /// node could know them at that moment. `ofAnyTenant` includes contacts of other tenants, which the message's
    /// caps do not count.
    func isFull(_ refusal: Refusal, _ promise: Promise, ofAnyTenant: Bool = false, at moment: Moment) -> Bool {
        // If the wall clock was set, contacts count for longer than necessary, to make up for lost time.
        if clockWasSet { return true }
        guard promise.restrains(refusal.draft) else { return false }
        var promise = promise
        promise.sharesTenants = promise.sharesTenants || ofAnyTenant
        return refusal.draft.channels.contains { !fullCaps($0, refusal, promise, at: moment).isEmpty }
    }

    /// If every full cap has `next_channel` and another channel is certainly free, returns that channel: the message
    /// must go there.
    func wasFreeElsewhere(_ refusal: Refusal, _ promise: Promise, at moment: Moment) -> Channel? {
        guard !clockWasSet, (attemptsByDelivery[refusal.delivery] ?? []).isEmpty else { return nil }
        let profile = profiles[canonical(refusal.draft.recipient)]
        var free: Channel?
        for channel in refusal.draft.plans[refusal.delivery.slot] {
            let full = fullCaps(channel, refusal, promise, at: moment)
            guard full.allSatisfy({ $0.onFull == "next_channel" }) else { return nil }
            guard isUsable(channel, refusal.draft, profile, promise) else { continue }
            let isQuiet = promise.quiet.contains { $0.subject.covers(refusal.draft, on: channel) }
            let isPaused = pause(of: profile, refusal.draft, on: channel, promise, at: refusal.clock) != nil
            if full.isEmpty, !isQuiet, !isPaused { free = free ?? channel }
        }
        return free
    }

    /// The caps that are, or may be, full for a message on a channel.
    private func fullCaps(
        _ channel: Channel, _ refusal: Refusal, _ promise: Promise, at moment: Moment
    ) -> [Promise.Cap] {
        let draft = refusal.draft
        let recipient = canonical(draft.recipient)
        let profile = profiles[recipient]
        let known = (profile?.addresses ?? []).filter { $0.channel == channel }.map { Optional($0.subject) }
        let possible = attempts.filter { $0.isPossible && promise.sees($0.intent.draft, for: draft) }
        let others = holders(of: Set(known.compactMap { $0 }), besides: recipient).map(bearer)
        let bearers = [CapBearer(people: people(with: recipient), wishes: profile?.caps ?? .none)] + others
        return promise.caps.filter { cap in
            guard cap.subject.covers(draft, on: channel) else { return false }
            let counted = possible.filter { isStillCounted($0, cap, at: refusal.clock) && counts($0, toward: cap) }
            return bearers.contains { bearer in
                let own = counted.filter { isOf($0, bearer, cap) }
                // Of several devices, a dead one is skipped, so any may be the one that was meant.
                let limit = cap.limit(for: draft.priority, bearer.wishes)
                return (known.isEmpty ? [nil] : known).contains { address in
                    own.count { shares($0, draft, channel, address, cap.shared) } >= limit
                }
            }
        }
    }

    private func isStillCounted(_ contact: Attempt, _ cap: Promise.Cap, at now: Instant) -> Bool {
        guard let ending = contact.ending else { return true }
        // An attempt that was cut off counts from the time at which its call must have ended.
        let countedAt =
            contact.wasCutOff
            ? max(ending.clock, contact.intent.clock + .milliseconds(testimony.longestCall)) : ending.clock
        switch cap.window {
        case .lifetime: return true
        case .rolling(let seconds): return countedAt > now - .seconds(seconds)
        case .day: return countedAt.milliseconds / 86_400_000 >= now.milliseconds / 86_400_000
        }
    }
}
