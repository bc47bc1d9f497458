import SobreModel

extension Checker {
    /// I26 to I28: a recipient's wishes and habits, and who is never contacted.
    mutating func judgePerson(_ intent: Intent, _ promise: Promise, _ name: String, at moment: Moment) {
        let profile = profiles[canonical(intent.draft.recipient)]
        if let pause = pause(of: profile, intent.draft, on: intent.channel, promise, at: intent.clock) {
            broken(
                .wishHolds, at: moment,
                "\(name) was allowed although \(intent.draft.recipient) asked for a pause until \(pause.until)")
        }
        for group in promise.groups where group.subject.covers(intent.draft, on: intent.channel) && !intent.draft.isTest
        {
            seeGroup(group, intent.draft.recipient, isIn: false, at: moment)
        }
        guard intent.attempt == 1, !intent.isResend, !habits.isVague else { return }
        judgeBestChannel(intent, promise, profile, name, at: moment)
        judgeBestTime(intent, promise, profile, name, at: moment)
    }

    /// The longest pause that covers a message.
    func pause(
        of profile: Profile?, _ draft: MessageDraft, on channel: Channel, _ promise: Promise, at now: Instant
    ) -> RecipientCaps.Pause? {
        guard promise.restrains(draft) else { return nil }
        return (profile?.caps.pauses ?? []).filter {
            $0.until > now && ($0.category == nil || $0.category == draft.category)
                && ($0.channel == nil || $0.channel == channel)
        }.max { $0.until < $1.until }
    }

    /// Membership of a control group never changes.
    mutating func seeGroup(_ group: Promise.Group, _ recipient: String, isIn: Bool, at moment: Moment) {
        let person = canonical(recipient)
        let key = "\(group.name) \(group.percent) \(person)"
        if let word = groupWords[key], word != isIn {
            broken(
                .groupsAreFixed, at: moment,
                "\(person) was \(isIn ? "left out" : "written to") by the control group \(group.name), and not before")
        }
        groupWords[key] = isIn
    }

    private mutating func judgeBestChannel(
        _ intent: Intent, _ promise: Promise, _ profile: Profile?, _ name: String, at moment: Moment
    ) {
        guard intent.draft.route == .best else { return }
        let own = habits.of(people(with: canonical(intent.draft.recipient)))
        for channel in intent.draft.channels where channel != intent.channel {
            guard own.answersBetter(on: channel, than: intent.channel, strictly: true),
                habits.everybody.answersBetter(on: channel, than: intent.channel, strictly: false),
                isOpen(channel, intent, promise, profile)
            else { continue }
            broken(
                .habitsDecide, at: moment,
                "\(name) was allowed on \(intent.channel), although \(intent.draft.recipient) answers on \(channel)")
        }
    }

    /// Whether nothing could have caused a message to skip a channel.
    private func isOpen(_ channel: Channel, _ intent: Intent, _ promise: Promise, _ profile: Profile?) -> Bool {
        let draft = intent.draft
        return isUsable(channel, draft, profile, promise)
            && !promise.caps.contains { $0.onFull == "next_channel" && $0.subject.covers(draft, on: channel) }
            && !promise.quiet.contains { $0.onHit == "next_channel" && $0.subject.covers(draft, on: channel) }
            && pause(of: profile, draft, on: channel, promise, at: intent.clock) == nil
    }

    /// Whether a recipient certainly has an address on a channel that accepts messages like this.
    func isUsable(_ channel: Channel, _ draft: MessageDraft, _ profile: Profile?, _ promise: Promise) -> Bool {
        let addresses = (profile?.addresses ?? []).filter { $0.channel == channel }
        guard let profile, !addresses.isEmpty else { return false }
        if promise.category(draft.category).needsConsent, !consents(profile, draft, on: channel) { return false }
        return addresses.allSatisfy {
            suppression(of: profile, canonical(draft.recipient), draft, channel, $0, in: possibleSuppressions) == nil
        }
    }

    /// If all known events of all recipients happened in one hour of the week and that hour comes in time, no attempt
    /// may start before it.
    private mutating func judgeBestTime(
        _ intent: Intent, _ promise: Promise, _ profile: Profile?, _ name: String, at moment: Moment
    ) {
        let draft = intent.draft
        guard let within = draft.bestTimeWithin, !clockWasSet, profile?.caps.pauses.isEmpty ?? true else { return }
        let known = habits.everybody.hours.filter { $0.value > 0 }
        guard known.count == 1, let best = known.first?.key, Habits.hour(of: intent.clock) != best else { return }
        if promise.quiet.contains(where: { $0.subject.covers(draft, on: intent.channel) }) { return }
        var latest = max(draft.sendAt ?? intent.acceptedAt, intent.acceptedAt) + within
        if let expiresAt = promise.expiresAt(draft, acceptedAt: intent.acceptedAt) {
            latest = min(latest, expiresAt - .milliseconds(1))
        }
        var begin = (intent.clock.milliseconds / 3_600_000 + 1) * 3_600_000
        while Habits.hour(of: Instant(milliseconds: begin)) != best { begin += 3_600_000 }
        guard begin <= latest.milliseconds else { return }
        broken(
            .habitsDecide, at: moment,
            "\(name) was allowed at once, although everybody looks later, and it was to go out at the best time")
    }

    /// Whether there was a better time to wait for.
    func hasBetterTime(_ refusal: Refusal) -> Bool {
        guard let within = refusal.draft.bestTimeWithin, let dueAt = refusal.dueAt else { return false }
        let begin = max(refusal.draft.sendAt ?? refusal.acceptedAt, refusal.acceptedAt)
        return clockWasSet || dueAt <= begin + within && habits.everybody.hours.contains { $0.value > 0 }
    }
}
