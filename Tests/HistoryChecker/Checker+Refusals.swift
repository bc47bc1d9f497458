import SobreModel

extension Checker {
    /// Every refusal must say why, and what it says must have been true (I24, and the other side of I11).
    mutating func seeRefused(_ refusal: Refusal, at moment: Moment) {
        let name = "\(refusal.delivery)"
        let claim = Claimed(delivery: refusal.delivery, epoch: newestClaim[refusal.delivery] ?? 0)
        usedClaims.insert(claim)
        if refusal.state != .expired, refusal.reason.isEmpty {
            broken(.everyOutcomeExplained, at: moment, "\(name) was \(refusal.state) without a reason")
        }
        if !refusal.isExplained {
            broken(.everyOutcomeExplained, at: moment, "\(name) was \(refusal.state) without its reasoning")
        }
        guard let promise = promises[refusal.policyVersion] else { return }
        if !isTrue(refusal, promise, at: moment) {
            broken(
                refusal.reason == "frequency_capped" ? .noOverblocking : .everyOutcomeExplained, at: moment,
                "\(name) was \(refusal.state) as \(refusal.reason), which was not so (\(refusal.words))")
        }
        if refusal.state == .held, let dueAt = refusal.dueAt, let expiresAt = refusal.draft.expiresAt,
            dueAt > expiresAt
        {
            broken(.timesAreKept, at: moment, "\(name) is held beyond its expiry")
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
                return suppression(of: profile, recipient, draft, channel, address) != nil
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
        default:
            guard refusal.state == .expired else { return true }
            return draft.expiresAt.map { refusal.clock >= $0 } ?? false
        }
    }
}
