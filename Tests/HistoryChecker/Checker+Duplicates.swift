import SobreModel

extension Checker {
    /// I15: of messages with the same content, at most one per recipient and window reaches a provider.
    mutating func judgeDuplicates() {
        let taken = attempts.filter { $0.tookAt != nil }
        for attempt in taken {
            guard let promise = promises[attempt.intent.policyVersion], !attempt.intent.draft.isTest else { continue }
            let earlier = taken.filter {
                $0.moment < attempt.moment && $0.intent.delivery.message != attempt.intent.delivery.message
                    && promise.sees($0.intent.draft, for: attempt.intent.draft) && !hasAged($0, for: attempt)
            }
            for once in promise.once where once.subject.covers(attempt.intent.draft, on: attempt.intent.channel) {
                let same = earlier.first {
                    isDuplicate($0, of: attempt, once)
                        && abs($0.tookAt!.at - attempt.tookAt!.at) < width(seconds: once.seconds)
                }
                guard let same else { continue }
                broken(
                    .onceAKey, at: attempt.tookAt,
                    "\(attempt.intent.delivery) went out although \(same.intent.delivery) says the same (\(once.name))")
            }
            let seconds = promise.category(attempt.intent.draft.category).sameWordsSeconds
            let same = earlier.first {
                seconds > 0 && isOne($0, people: attempt.people, subjects: attempt.subjects)
                    && $0.requests.first?.words == attempt.requests.first?.words
                    && abs($0.tookAt!.at - attempt.tookAt!.at) < width(seconds: seconds)
            }
            guard let same else { continue }
            broken(
                .onceAKey, at: attempt.tookAt,
                "\(attempt.intent.delivery) went out with the very words of \(same.intent.delivery)")
        }
    }

    private func width(seconds: Int64) -> Int64 { clockWasSet ? seconds * 998 - 5 : seconds * 1000 }

    private func isDuplicate(_ contact: Attempt, of other: Attempt, _ once: Promise.Once) -> Bool {
        isOne(contact, people: other.people, subjects: other.subjects)
            && Self.saysTheSame(contact.intent.draft, other.intent.draft)
            && (!once.byAddress || contact.intent.address.subject == other.intent.address.subject)
            && (once.acrossChannels || contact.intent.channel == other.intent.channel)
    }

    static func saysTheSame(_ a: MessageDraft, _ b: MessageDraft) -> Bool {
        a.campaign == b.campaign && a.template == b.template && a.dedupKey == b.dedupKey
    }

    /// Whether a message refused as a duplicate has one that may have reached the recipient. `ofAnyTenant` includes
    /// messages of other tenants, which the message's rules do not see.
    func hasDuplicate(_ refusal: Refusal, _ promise: Promise, ofAnyTenant: Bool = false, at moment: Moment) -> Bool {
        if clockWasSet { return true }
        if refusal.draft.isTest { return false }
        var promise = promise
        promise.sharesTenants = promise.sharesTenants || ofAnyTenant
        let recipient = canonical(refusal.draft.recipient)
        let people = people(with: recipient)
        let subjects = Set((profiles[recipient]?.addresses ?? []).map(\.subject))
        let sameWords = promise.category(refusal.draft.category).sameWordsSeconds
        return attempts.contains { contact in
            guard contact.moment < moment, contact.isPossible,
                contact.intent.delivery.message != refusal.delivery.message,
                promise.sees(contact.intent.draft, for: refusal.draft),
                isOne(contact, people: people, subjects: subjects)
            else { return false }
            let grace = contact.wasCutOff ? testimony.longestCall : 0
            let age = contact.ending.map { (refusal.clock - $0.clock).milliseconds - grace } ?? .min
            let isOnce = promise.once.contains { once in
                once.subject.categories.isEmpty || once.subject.categories.contains(refusal.draft.category)
                    ? Self.saysTheSame(contact.intent.draft, refusal.draft) && age < once.seconds * 1000 : false
            }
            // The content depends on the template and the data only; the simulation renders nothing else.
            return isOnce
                || age < sameWords * 1000 && contact.intent.draft.template == refusal.draft.template
                    && contact.intent.draft.data == refusal.draft.data
        }
    }
}
