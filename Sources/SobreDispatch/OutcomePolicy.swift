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
        let reopensAfter = reopensAt.map { $0 - now }
        var change = sent.change
        change.detail = outcome.detail
        change.providerID = outcome.providerID
        change.reason = outcome.kind.rawValue
        var suppressions: [Suppression] = []
        if calls.isEmpty {
            if let address = sent.address {
                suppressions = suppression(for: outcome, of: address, by: sent.change.provider, at: now)
            }
        } else {
            for call in calls {
                suppressions += suppression(for: call.outcome, of: call.address, by: call.provider, at: now)
            }
        }
        var beginsAtChannel = false
        switch outcome.kind.proof {
        case .sent: change.next = .sent
        case .unknown: unknown(&change, sent: sent)
        case .notSent where !hasBegun: notBegun(&change, outcome, reopensAfter: reopensAfter)
        case .notSent:
            beginsAtChannel = unsent(
                &change, sent: sent, outcome: outcome, wasKnown: wasKnown, reopensAfter: reopensAfter)
        }
        if sent.beginsAtChannel, change.channel == sent.change.channel { beginsAtChannel = true }
        // An earlier attempt of this delivery may have reached the person, however this one ended.
        if change.next == .failed, change.possibleDuplicate { change.next = .unknown }
        return AttemptRecord(
            ledgerID: sent.ledgerID, delivery: sent.delivery, proof: outcome.kind.proof, change: change,
            suppressions: suppressions, beginsAtChannel: beginsAtChannel)
    }

    /// The ladder of the unknown: where the category allows it, once more with the same reference and a flag; else
    /// the state stays `unknown`, the slot stays taken and nothing is sent again.
    private func unknown(_ change: inout DeliveryChange, sent: SentAttempt) {
        guard sent.resendsUnknown, !change.possibleDuplicate else {
            change.next = .unknown
            return
        }
        change.next = .deferred(Wait(settings.limits.resendAfter))
        change.possibleDuplicate = true
    }

    private func notBegun(_ change: inout DeliveryChange, _ outcome: Outcome, reopensAfter: Duration?) {
        change.attempt -= 1
        if outcome.kind.fault == .rate {
            change.reason = HoldReason.providerLimited.rawValue
            change.next = .deferred(Wait(reopensAfter ?? .zero))
        } else {
            change.next = .deferred(Wait(max(settings.retry.base, reopensAfter ?? .zero)))
        }
    }

    /// Returns whether the delivery goes on with `change.channel`, and not with one before it.
    private func unsent(
        _ change: inout DeliveryChange, sent: SentAttempt, outcome: Outcome, wasKnown: Bool, reopensAfter: Duration?
    ) -> Bool {
        let hasAttempts = change.attempt < settings.retry.maxAttempts
        // What may have reached the person on this channel is not sent on another.
        let mayChange = hasAttempts && !change.possibleDuplicate
        switch outcome.kind {
        case _ where outcome.kind.fault == .account:
            // An allowance comes back by itself; for anything else an operator has to act.
            let wait = retry(change, of: sent, after: reopensAfter)
            change.next = outcome.kind == .quota ? .deferred(wait) : .held(wait)
            if change.state == .held { change.reason = HoldReason.providerPaused.rawValue }
            change.attempt -= 1  // nobody's fault but ours: costs no attempt
        case _ where outcome.kind.isRetryable:
            // A provider that was known to be limited says no more about this message than that.
            let isFree = outcome.kind.fault == .rate && wasKnown
            guard hasAttempts || isFree else {
                change.next = .failed
                change.reason = FailureReason.attemptsExhausted.rawValue
                return false
            }
            let isProviders = [.rate, .provider, .way, .nobody].contains(outcome.kind.fault)
            let asked = isProviders ? reopensAfter : outcome.retryAfter
            change.next = .deferred(retry(change, of: sent, after: asked))
            if isFree { change.attempt -= 1 }
        case _ where Self.blamesAddress(outcome.kind) && sent.hasFurtherChannels && mayChange:
            change.next = .deferred(.none)
            change.channel = nil  // the suppression lets the plan's next channel have it
        case _ where Self.blamesContent(outcome.kind) && mayChange && sent.nextChannel != nil:
            // These words will not go here, whoever is asked; elsewhere they are other words.
            change.next = .deferred(.none)
            change.channel = sent.nextChannel
            return true
        default:
            change.next = .failed
            change.reason = Self.failure(outcome.kind).rawValue
        }
        return false
    }

    /// When an attempt is repeated that failed, no earlier than `asked` from now.
    private func retry(_ change: DeliveryChange, of sent: SentAttempt, after asked: Duration?) -> Wait {
        Wait(
            settings.retry.delay(
                afterAttempt: change.attempt, retryAfter: asked, seed: UInt64(bitPattern: sent.delivery.rawValue)))
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
