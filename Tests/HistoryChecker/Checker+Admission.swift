import SobreModel

extension Checker {
    /// Checks what must be true at the moment at which an attempt is allowed.
    mutating func seeAdmitted(_ intent: Intent, at moment: Moment) {
        let name = "\(intent.delivery) attempt \(intent.attempt)"
        let recipient = canonical(intent.draft.recipient)
        let profile = profiles[recipient]
        let holders = holders(of: Set(([intent.address] + intent.further).map(\.subject)), besides: recipient)
        attempts.append(
            Attempt(
                intent: intent, moment: moment, people: people(with: recipient),
                subjects: Set((profile?.addresses ?? []).map(\.subject)).union([intent.address.subject]),
                wishes: profile?.caps ?? .none, holders: Set(holders.map(\.id)), others: holders.map(bearer)))
        attemptByLedger[intent.ledgerID] = attempts.count - 1
        attemptsByDelivery[intent.delivery, default: []].append(attempts.count - 1)
        standings[intent.delivery] = .open
        attemptByReference[Self.reference(intent.delivery.description, intent.attempt)] = attempts.count - 1

        if accepted[intent.delivery.message] == nil {
            broken(.intentBeforeRequest, at: moment, "\(name) was allowed, but nobody sent that message in")
        }
        let claim = Claimed(delivery: intent.delivery, epoch: intent.epoch)
        if newestClaim[intent.delivery] != intent.epoch || !usedClaims.insert(claim).inserted {
            broken(
                .staleChangesNothing, at: moment,
                "\(name) was allowed under claim \(intent.epoch), which is not the newest or was used up")
        }
        if intent.policyVersion != newestPolicy {
            broken(
                .newestPolicy, at: moment,
                "\(name) was decided under policy \(intent.policyVersion) while \(newestPolicy) was in force")
        }
        for address in [intent.address] + intent.further {
            let order = suppression(of: profile, recipient, intent.draft, intent.channel, address, in: suppressions)
            guard let order else { continue }
            broken(
                .suppressionHolds, at: moment,
                "\(name) was allowed although \(order.label) is suppressed (\(order.reason.rawValue))")
        }
        let promise = promises[intent.policyVersion] ?? Promise(categories: [])
        let category = promise.category(intent.draft.category)
        if category.needsConsent, !consents(profile, intent.draft, on: intent.channel) {
            broken(.suppressionHolds, at: moment, "\(name) was allowed without consent to \(category.name)")
        }
        if profile == nil {
            broken(.suppressionHolds, at: moment, "\(name) was allowed although nobody knows the person")
        }
        judgeTimes(intent, promise, name, at: moment)
        if isHeldAfterRestore(intent.draft, acceptedAt: intent.acceptedAt, promise) {
            broken(
                .restoreHolds, at: moment,
                "\(name) was allowed although the node was started on restored data at \(restoredAt!)")
        }
        if let pause = operatorPause(intent.draft, on: intent.channel, at: intent.clock) {
            broken(.pauseHolds, at: moment, "\(name) was allowed although \(pause.filter) was paused")
        }
        judgeTurn(intent, name, at: moment)
        judgePerson(intent, promise, name, at: moment)
    }

    private mutating func judgeTimes(_ intent: Intent, _ promise: Promise, _ name: String, at moment: Moment) {
        if cancelled.contains(intent.delivery.message) {
            broken(.timesAreKept, at: moment, "\(name) was allowed although the message had been cancelled")
        }
        if let expiresAt = promise.expiresAt(intent.draft, acceptedAt: intent.acceptedAt), intent.clock >= expiresAt {
            broken(.timesAreKept, at: moment, "\(name) was allowed after it had expired")
        }
        if let sendAt = intent.draft.sendAt, intent.clock < sendAt {
            broken(.timesAreKept, at: moment, "\(name) was allowed before its time")
        }
        for quiet in promise.quiet where quiet.subject.covers(intent.draft, on: intent.channel) {
            if quiet.isQuiet(at: intent.clock) {
                broken(.timesAreKept, at: moment, "\(name) was allowed in the quiet hours \(quiet.name)")
            }
        }
    }

    /// I30: whether a message is held because the node was started on restored data: it may have been sent after the
    /// backup, or it is capped and other contacts may have been made after the backup.
    func isHeldAfterRestore(_ draft: MessageDraft, acceptedAt: Instant, _ promise: Promise) -> Bool {
        restoredAt.map { acceptedAt < $0 || promise.restrains(draft) } ?? false
    }

    /// The id that stands for a recipient after all merges.
    func canonical(_ id: String) -> String {
        var id = id
        for _ in 0..<16 {
            guard let next = mergedInto[id] else { break }
            id = next
        }
        return id
    }

    /// Every id of the same recipient.
    func people(with id: String) -> Set<String> {
        Set([id] + mergedInto.keys.filter { canonical($0) == id })
    }

    func suppression(
        of profile: Profile?, _ recipient: String, _ draft: MessageDraft, _ channel: Channel, _ address: Address?,
        in suppressions: Set<Suppression>
    ) -> Suppression? {
        var subjects = Set(people(with: recipient).map { KeyHash.recipient($0) })
        if let address { subjects.insert(address.subject) }
        return suppressions.first { suppression in
            subjects.contains(suppression.subject)
                && (suppression.channel == nil || suppression.channel == channel)
                && (suppression.category == nil || suppression.category == draft.category)
        }
    }

    /// Whether the recipient's newest consent for a category allows the message. Of two with the same time, the
    /// refusal wins.
    func consents(_ profile: Profile?, _ draft: MessageDraft, on channel: Channel) -> Bool {
        let words = (profile?.consents ?? []).filter {
            $0.category == draft.category && ($0.channel == nil || $0.channel == channel)
        }
        guard let newest = words.map({ $0.at ?? .distantPast }).max() else { return false }
        return words.filter { ($0.at ?? .distantPast) == newest }.allSatisfy(\.granted)
    }
}
