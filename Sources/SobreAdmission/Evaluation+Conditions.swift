import JSON
import SobreModel

/// A wait that is caused by the state of the node.
struct ConditionFinding {
    var until: Instant
    var reason: HoldReason
    /// The reason for the log, as a text.
    var summary: String
}

/// The steps about the node that decides. They hold messages that would be sent, and never drop one.
extension Evaluation {
    /// How often a message is checked again that waits for an operator to confirm restored data.
    static let restoredRecheck = Duration.seconds(900)
    /// How often a message is checked again that waits for a trusted clock.
    static let clockRecheck = Duration.seconds(60)
    /// After how long a message that needs more facts is decided again.
    static let preparationRecheck = Duration.milliseconds(100)

    /// The result of one of these steps; nil when it passes.
    @inline(__always)
    func condition(_ step: AdmissionStep) -> ConditionFinding? {
        switch step {
        case .restored: restored
        case .clock: distrustedClock
        case .facts: shortFacts
        default: nil
        }
    }

    /// Step `restored`. After a restore, holds messages that may have been sent since the backup. Also holds messages
    /// that caps restrain, because the ledger does not contain all contacts.
    private var restored: ConditionFinding? {
        guard let restoredAt = conditions.restoredAt else { return nil }
        let summary: String
        if request.message.acceptedAt < restoredAt {
            summary = "the data was restored from a backup: the message may have been sent since then"
        } else if obeysCaps {
            summary = "the data was restored from a backup: it is unknown what else was sent since then"
        } else {
            return nil
        }
        return ConditionFinding(
            until: notAfterExpiry(now + Self.restoredRecheck), reason: .restored, summary: summary)
    }

    /// Step `clock`. Holds messages that caps restrain while the wall clock is ahead of the monotonic one. A wall clock
    /// that is behind needs no hold, because it makes caps stricter.
    private var distrustedClock: ConditionFinding? {
        guard case .ahead = conditions.clockAlarm, obeysCaps else { return nil }
        return ConditionFinding(
            until: notAfterExpiry(now + Self.clockRecheck), reason: .clockJumped,
            summary: conditions.clockAlarm?.description ?? "")
    }

    /// Step `facts`. The ledger was read for a policy with a shorter horizon than this one's.
    private var shortFacts: ConditionFinding? {
        guard let horizon = conditions.horizon, policy.horizon > horizon else { return nil }
        return ConditionFinding(
            until: now + Self.preparationRecheck, reason: .policyError,
            summary: "a policy that looks back further has come into force; the message is decided again")
    }

    /// The instant, or the message's expiry if that comes first.
    func notAfterExpiry(_ instant: Instant) -> Instant {
        guard let expiresAt else { return instant }
        return min(instant, expiresAt)
    }

    /// Writes the row of one of these steps: `restored` and `clock` while the condition holds for the node, the others
    /// when they object.
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
