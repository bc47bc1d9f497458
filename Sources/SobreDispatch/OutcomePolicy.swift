import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore

/// What follows from an outcome. Pure: the one place where attempts turn into states.
struct OutcomePolicy: Sendable {
    var settings: DispatchSettings

    /// The record of an attempt that has ended.
    ///
    /// - Parameters:
    ///   - sent: the attempt.
    ///   - hasBegun: false when the provider was never asked: then it bears no blame, and the message has used up no
    ///     attempt.
    ///   - outcome: what it came to.
    ///   - calls: what it came to for each of several devices; empty: it was one call.
    ///   - wasKnown: the provider was known to be limited or broken when it answered.
    ///   - reopensAt: when a provider that may have the message next takes calls again; nil: one does now.
    ///   - now: the present time.
    /// - Returns: what the store is to write.
    func record(
        of sent: SentAttempt, hasBegun: Bool = true, outcome: Outcome, calls: [DeviceCall] = [],
        wasKnown: Bool = false, reopensAt: Instant? = nil, at now: Instant
    ) -> AttemptRecord {
        var entry = sent.entry
        entry.detail = outcome.detail
        entry.providerID = outcome.providerID
        entry.reason = outcome.kind.rawValue
        var suppressions: [Suppression] = []
        if calls.isEmpty {
            if let address = sent.address {
                suppressions = suppression(for: outcome, of: address, by: sent.entry.provider, at: now)
            }
        } else {
            for call in calls {
                suppressions += suppression(for: call.outcome, of: call.address, by: call.provider, at: now)
            }
        }
        var beginsAtChannel = false
        switch outcome.kind.proof {
        case .sent: entry.state = .sent
        case .unknown: unknown(&entry, sent: sent, at: now)
        case .notSent where !hasBegun: notBegun(&entry, outcome, reopensAt: reopensAt, at: now)
        case .notSent:
            beginsAtChannel = unsent(
                &entry, sent: sent, outcome: outcome, wasKnown: wasKnown, reopensAt: reopensAt, at: now)
        }
        if sent.beginsAtChannel, entry.channel == sent.entry.channel { beginsAtChannel = true }
        // An earlier attempt of this delivery may have reached the person, however this one ended.
        if entry.state == .failed, entry.possibleDuplicate { entry.state = .unknown }
        return AttemptRecord(
            ledgerID: sent.ledgerID, proof: outcome.kind.proof, entry: entry, suppressions: suppressions,
            beginsAtChannel: beginsAtChannel)
    }

    /// The ladder of the unknown: where the category allows it, once more with the same reference and a flag; else
    /// the state stays `unknown`, the slot stays taken and nothing is sent again.
    private func unknown(_ entry: inout LogEntry, sent: SentAttempt, at now: Instant) {
        guard sent.resendsUnknown, !entry.possibleDuplicate else {
            entry.state = .unknown
            return
        }
        entry.state = .deferred
        entry.possibleDuplicate = true
        entry.dueAt = now + settings.limits.resendAfter
    }

    private func notBegun(_ entry: inout LogEntry, _ outcome: Outcome, reopensAt: Instant?, at now: Instant) {
        entry.state = .deferred
        entry.attempt -= 1
        if outcome.kind.fault == .rate {
            entry.reason = HoldReason.providerLimited.rawValue
            entry.dueAt = reopensAt ?? now
        } else {
            entry.dueAt = max(now + settings.retry.base, reopensAt ?? now)
        }
    }

    /// Returns whether the delivery goes on with `entry.channel`, and not with one before it.
    private func unsent(
        _ entry: inout LogEntry, sent: SentAttempt, outcome: Outcome, wasKnown: Bool, reopensAt: Instant?,
        at now: Instant
    ) -> Bool {
        let hasAttempts = entry.attempt < settings.retry.maxAttempts
        // What may have reached the person on this channel is not sent on another.
        let mayChange = hasAttempts && !entry.possibleDuplicate
        switch outcome.kind {
        case _ where outcome.kind.fault == .account:
            // An allowance comes back by itself; for anything else an operator has to act.
            entry.state = outcome.kind == .quota ? .deferred : .held
            if entry.state == .held { entry.reason = HoldReason.providerPaused.rawValue }
            entry.dueAt = retry(entry, after: reopensAt.map { $0 - now }, at: now)
            entry.attempt -= 1  // nobody's fault but ours: costs no attempt
        case _ where outcome.kind.isRetryable:
            // A provider that was known to be limited says no more about this message than that.
            let isFree = outcome.kind.fault == .rate && wasKnown
            guard hasAttempts || isFree else {
                entry.state = .failed
                entry.reason = FailureReason.attemptsExhausted.rawValue
                return false
            }
            let isProviders = [.rate, .provider, .way, .nobody].contains(outcome.kind.fault)
            let asked = isProviders ? reopensAt.map { $0 - now } : outcome.retryAfter
            entry.state = .deferred
            entry.dueAt = retry(entry, after: asked, at: now)
            if isFree { entry.attempt -= 1 }
        case _ where Self.blamesAddress(outcome.kind) && sent.hasFurtherChannels && mayChange:
            entry.state = .deferred
            entry.channel = nil  // the suppression lets the plan's next channel have it
            entry.dueAt = now
        case _ where Self.blamesContent(outcome.kind) && mayChange && sent.nextChannel != nil:
            // These words will not go here, whoever is asked; elsewhere they are other words.
            entry.state = .deferred
            entry.channel = sent.nextChannel
            entry.dueAt = now
            return true
        default:
            entry.state = .failed
            entry.reason = Self.failure(outcome.kind).rawValue
        }
        return false
    }

    /// When an attempt is repeated that failed, no earlier than `asked` from now.
    private func retry(_ entry: LogEntry, after asked: Duration?, at now: Instant) -> Instant {
        now
            + settings.retry.delay(
                afterAttempt: entry.attempt, retryAfter: asked, seed: UInt64(bitPattern: entry.delivery.rawValue))
    }

    /// The address is of no use any more: it is suppressed.
    static func blamesAddress(_ kind: Outcome.Kind) -> Bool {
        switch kind {
        case .recipientInvalid, .recipientGone, .recipientUnsubscribed, .recipientSuppressed: true
        default: false
        }
    }

    static func blamesContent(_ kind: Outcome.Kind) -> Bool {
        kind.fault == .message && kind != .permanentUnknown
    }

    private static func failure(_ kind: Outcome.Kind) -> FailureReason {
        switch kind {
        case .recipientGone: .recipientGone
        case .recipientUnsubscribed, .recipientSuppressed: .recipientUnsubscribed
        case _ where kind.fault == .recipient: .recipientInvalid
        case _ where blamesContent(kind): .contentRejected
        default: .providerRejected
        }
    }

    /// A dead or refusing address is not tried again: in force at the next decision.
    private func suppression(
        for outcome: Outcome, of address: Address, by provider: String?, at now: Instant
    ) -> [Suppression] {
        let reason: Suppression.Reason
        switch outcome.kind {
        case .recipientInvalid: reason = address.channel.deadAddressReason
        case .recipientGone: reason = .invalidToken
        case .recipientUnsubscribed, .recipientSuppressed: reason = .unsubscribed
        default: return []
        }
        return [
            Suppression(
                subject: address.subject, label: address.masked, reason: reason, channel: address.channel,
                source: "provider:\(provider ?? "")", at: now)
        ]
    }
}
