import SobreModel

extension Checker {
    /// Every refusal must have a reason, and the reason must have been true (I24, and the reverse of I11).
    mutating func seeRefused(_ refusal: Refusal, at moment: Moment) {
        let name = "\(refusal.delivery)"
        let claim = Claimed(delivery: refusal.delivery, epoch: newestClaim[refusal.delivery] ?? 0)
        usedClaims.insert(claim)
        seeStanding(refusal.delivery, refusal.state)
        if refusal.state != .expired, refusal.reason.isEmpty {
            broken(.everyOutcomeExplained, at: moment, "\(name) was \(refusal.state) without a reason")
        }
        if !refusal.isExplained {
            broken(.everyOutcomeExplained, at: moment, "\(name) was \(refusal.state) without its reasoning")
        }
        guard let promise = promises[refusal.policyVersion] else { return }
        if !isTrue(refusal, promise, at: moment) {
            broken(
                promiseOfTruth(refusal, promise, at: moment), at: moment,
                "\(name) was \(refusal.state) as \(refusal.reason), which was not so (\(refusal.words))")
        }
        if refusal.reason == "frequency_capped", let free = wasFreeElsewhere(refusal, promise, at: moment) {
            broken(
                .noOverblocking, at: moment,
                "\(name) was \(refusal.state) as \(refusal.reason) although \(free) was free (\(refusal.words))")
        }
        if refusal.reason == "control_group" {
            let groups = promise.groups.filter { $0.subject.covers(refusal.draft, on: refusal.draft.channels[0]) }
            if groups.count == 1 { seeGroup(groups[0], refusal.draft.recipient, isIn: true, at: moment) }
        }
        if refusal.state == .held, let dueAt = refusal.dueAt,
            let expiresAt = promise.expiresAt(refusal.draft, acceptedAt: refusal.acceptedAt), dueAt > expiresAt
        {
            broken(.timesAreKept, at: moment, "\(name) is held beyond its expiry")
        }
    }

    /// The promise that a false reason breaks.
    private func promiseOfTruth(_ refusal: Refusal, _ promise: Promise, at moment: Moment) -> Invariant {
        switch refusal.reason {
        case "frequency_capped":
            isFull(refusal, promise, ofAnyTenant: true, at: moment) ? .tenantUntouched : .noOverblocking
        case "duplicate", "duplicate_in_flight":
            hasDuplicate(refusal, promise, ofAnyTenant: true, at: moment) ? .tenantUntouched : .everyOutcomeExplained
        case "awaits_channel", "escalation_met": .escalatesWhenNeeded
        case "paused": .wishHolds
        case "paused_by_operator": .pauseHolds
        case "best_time": .habitsDecide
        case "restored": .restoreHolds
        default: .everyOutcomeExplained
        }
    }

    private func isTrue(_ refusal: Refusal, _ promise: Promise, at moment: Moment) -> Bool {
        let draft = refusal.draft
        let recipient = canonical(draft.recipient)
        let profile = profiles[recipient]
        switch refusal.reason {
        case "frequency_capped": return isFull(refusal, promise, at: moment)
        case "duplicate", "duplicate_in_flight": return hasDuplicate(refusal, promise, at: moment)
        case "quiet_hours":
            return promise.quiet.contains { quiet in
                quiet.isQuiet(at: refusal.clock) && draft.channels.contains { quiet.subject.covers(draft, on: $0) }
            }
        case "suppressed":
            return draft.channels.contains { channel in
                let address = profile?.addresses.first { $0.channel == channel }
                return suppression(of: profile, recipient, draft, channel, address, in: possibleSuppressions) != nil
            }
        case "no_consent":
            return promise.category(draft.category).needsConsent
                && draft.channels.contains { !consents(profile, draft, on: $0) }
        case "no_address", "unreachable":
            return draft.channels.contains { channel in
                !(profile?.addresses.contains { $0.channel == channel } ?? false)
            }
        case "unknown_recipient": return profile == nil
        case "cancelled": return cancelled.contains(refusal.delivery.message)
        case "awaits_channel": return awaitsChannel(refusal)
        case "escalation_met": return isNeedless(refusal.delivery, draft)
        case "paused":
            return draft.channels.contains { pause(of: profile, draft, on: $0, promise, at: refusal.clock) != nil }
        case "paused_by_operator":
            return operatorPauses.contains { pause, _ in
                Self.lasts(pause, at: refusal.clock)
                    && draft.channels.contains { Self.means(pause.filter, draft, on: $0, pause.filter.provider) }
            }
        case "best_time": return hasBetterTime(refusal)
        case "restored": return isHeldAfterRestore(draft, acceptedAt: refusal.acceptedAt, promise)
        case "control_group":
            return !draft.isTest
                && promise.groups.contains { group in draft.channels.contains { group.subject.covers(draft, on: $0) } }
        default:
            guard refusal.state == .expired else { return true }
            return promise.expiresAt(draft, acceptedAt: refusal.acceptedAt).map { refusal.clock >= $0 } ?? false
        }
    }
}
