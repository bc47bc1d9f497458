import JSON
import SobreModel

/// A wait that the state of the node demands.
struct ConditionFinding {
    var until: Instant
    var reason: HoldReason
    /// The reason in words, for the log.
    var summary: String
}

/// The steps about the node that decides. Each holds a message that would be sent; none drops one.
extension Evaluation {
    /// How often a message is looked at that waits for an operator to confirm restored data.
    static let restoredRecheck = Duration.seconds(900)
    /// How often a message is looked at that waits for the clock to be trusted.
    static let clockRecheck = Duration.seconds(60)
    /// When a message is decided anew that needs more facts, or content.
    static let preparationRecheck = Duration.milliseconds(100)

    /// What one of these steps finds; nil: it passes.
    func condition(_ step: AdmissionStep) -> ConditionFinding? {
        switch step {
        case .restored: restored
        case .clock: distrustedClock
        case .facts: shortFacts
        case .content: missingContent
        default: nil
        }
    }

    /// Step `restored`: after a restore, holds what may have been sent since the backup, and what caps restrain, because
    /// the ledger does not know all contacts.
    private var restored: ConditionFinding? {
        guard let restoredAt = conditions.restoredAt else { return nil }
        let summary: String
        if request.message.acceptedAt < restoredAt {
            summary = "the data were restored from a backup: it may have been sent since then"
        } else if obeysCaps {
            summary = "the data were restored from a backup: what else was sent since then is not known"
        } else {
            return nil
        }
        return ConditionFinding(
            until: notAfterExpiry(now + Self.restoredRecheck), reason: .restored, summary: summary)
    }

    /// Step `clock`: holds what caps restrain while the wall clock stands ahead of the monotonic one. A clock that stands
    /// behind blocks too much by itself.
    private var distrustedClock: ConditionFinding? {
        guard case .ahead = conditions.clockAlarm, obeysCaps else { return nil }
        return ConditionFinding(
            until: notAfterExpiry(now + Self.clockRecheck), reason: .clockJumped,
            summary: conditions.clockAlarm?.description ?? "")
    }

    /// Step `facts`: the ledger was read for a policy that looks back less far than this one.
    private var shortFacts: ConditionFinding? {
        guard let horizon = conditions.horizon, policy.horizon > horizon else { return nil }
        return ConditionFinding(
            until: now + Self.preparationRecheck, reason: .policyError,
            summary: "a policy that looks back further came into force meanwhile; it is decided anew")
    }

    /// Step `content`: the profile may have gained its address between the claim and the decision, and then nothing was
    /// rendered for it.
    private var missingContent: ConditionFinding? {
        guard !request.isRendered else { return nil }
        return ConditionFinding(
            until: now + Self.preparationRecheck, reason: .renderFailed,
            summary: "the profile changed meanwhile; it is rendered anew")
    }

    /// An instant, or the message's expiry where that comes first.
    func notAfterExpiry(_ instant: Instant) -> Instant {
        guard let expiresAt else { return instant }
        return min(instant, expiresAt)
    }

    /// The rows of these steps: `restored` and `clock` while the condition holds for the node, the others where they
    /// object.
    func writeCondition(_ step: AdmissionStep, to json: inout JSONWriter) {
        let finding = condition(step)
        switch step {
        case .restored where conditions.restoredAt != nil: break
        case .clock where conditions.clockAlarm != nil: break
        default: if finding == nil { return }
        }
        self.step(step, passes: finding == nil, to: &json) { json in
            if step == .restored { json.member("since", ifPresent: conditions.restoredAt?.rfc3339) }
            guard let finding else { return }
            json.member("reason", ifPresent: finding.summary)
            json.member("until", ifPresent: finding.until.rfc3339)
        }
    }
}
