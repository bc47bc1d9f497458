import SobreDelivery
import SobreModel
import SobreStore

/// What follows from an outcome. Pure: the one place where attempts turn into states.
struct OutcomePolicy: Sendable {
    var settings: DispatchSettings

    /// The record of an attempt that has ended.
    func record(of sent: SentParcel, outcome: Outcome, at now: Instant) -> AttemptRecord {
        var entry = sent.entry
        entry.detail = outcome.detail
        entry.providerID = outcome.providerID
        entry.reason = outcome.kind.rawValue
        var suppressions: [Suppression] = []
        switch outcome.kind.proof {
        case .sent: entry.state = .sent
        case .unknown: unknown(&entry, sent: sent, at: now)
        case .notSent:
            suppressions = suppression(for: outcome, of: sent, at: now)
            unsent(&entry, sent: sent, outcome: outcome, at: now)
        }
        return AttemptRecord(
            ledgerID: sent.ledgerID, proof: outcome.kind.proof, entry: entry, suppressions: suppressions)
    }

    /// The ladder of the unknown: where the category allows it, once more with the same reference and a flag; else
    /// the state stays `unknown`, the slot stays taken and nothing is sent again.
    private func unknown(_ entry: inout LogEntry, sent: SentParcel, at now: Instant) {
        guard sent.resendsUnknown, !entry.possibleDuplicate else {
            entry.state = .unknown
            return
        }
        entry.state = .deferred
        entry.possibleDuplicate = true
        entry.dueAt = now + settings.resendAfter
    }

    private func unsent(_ entry: inout LogEntry, sent: SentParcel, outcome: Outcome, at now: Instant) {
        switch outcome.kind {
        case _ where !sent.hasBegun:
            entry.state = .deferred
            entry.attempt -= 1
            entry.dueAt = now + settings.retry.base
        case .auth, .configuration:
            entry.state = .held
            entry.reason = HoldReason.providerPaused.rawValue
            entry.attempt -= 1  // nobody's fault but ours: costs no attempt
            entry.dueAt = now + Router.pauseLength
        case _ where outcome.kind.isRetryable:
            guard entry.attempt < settings.retry.maxAttempts else {
                entry.state = .failed
                entry.reason = FailureReason.attemptsExhausted.rawValue
                return
            }
            let wait = settings.retry.delay(
                afterAttempt: entry.attempt, retryAfter: outcome.retryAfter,
                seed: UInt64(bitPattern: entry.delivery.rawValue))
            entry.state = .deferred
            entry.dueAt = now + wait
        case _
        where Self.blamesAddress(outcome.kind) && sent.hasFurtherChannels
            && entry.attempt < settings.retry.maxAttempts:
            entry.state = .deferred
            entry.channel = nil  // the suppression below lets the plan's next channel have it
            entry.dueAt = now
        default:
            entry.state = .failed
            entry.reason = Self.failure(outcome.kind).rawValue
        }
    }

    private static func blamesAddress(_ kind: Outcome.Kind) -> Bool {
        switch kind {
        case .recipientInvalid, .recipientGone, .recipientUnsubscribed, .recipientSuppressed: true
        default: false
        }
    }

    private static func failure(_ kind: Outcome.Kind) -> FailureReason {
        switch kind {
        case .recipientInvalid, .recipientUnreachable: .recipientInvalid
        case .recipientGone: .recipientGone
        case .recipientUnsubscribed, .recipientSuppressed: .recipientUnsubscribed
        case .contentRejected, .contentTooLarge, .contentFiltered, .contentWindowClosed: .contentRejected
        default: .providerRejected
        }
    }

    /// A dead or refusing address is not tried again: in force at the next decision.
    private func suppression(for outcome: Outcome, of sent: SentParcel, at now: Instant) -> [Suppression] {
        guard let address = sent.address else { return [] }
        let reason: Suppression.Reason
        switch outcome.kind {
        case .recipientInvalid: reason = address.channel == .push ? .invalidToken : .hardBounce
        case .recipientGone: reason = .invalidToken
        case .recipientUnsubscribed, .recipientSuppressed: reason = .unsubscribed
        default: return []
        }
        return [
            Suppression(
                subject: address.subject, label: address.masked, reason: reason, channel: address.channel,
                source: "provider:\(sent.entry.provider ?? "")", at: now)
        ]
    }
}
