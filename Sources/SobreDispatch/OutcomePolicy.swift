import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore

/// Decides what follows from an outcome. Pure. The only place where outcomes of attempts become states.
struct OutcomePolicy: Sendable {
    var settings: DispatchSettings
    /// How long after an acceptance a provider is first asked for the message's fate; nil: it is not asked.
    var pollAfter: @Sendable (_ provider: String) -> Duration? = { _ in nil }

    /// The record of an attempt that has ended.
    ///
    /// - Parameters:
    ///   - sent: the attempt.
    ///   - hasBegun: false when the provider was never called. Then the outcome does not count against the provider,
    ///     and the message has not used up an attempt.
    ///   - outcome: the outcome of the attempt.
    ///   - calls: the calls to several devices; empty when there was a single call.
    ///   - wasKnown: whether the provider was already known to be limited or broken when it answered.
    ///   - reopensAt: when a provider that may take the message next accepts calls again; nil when one does now.
    ///   - now: the present time.
    /// - Returns: the record for the store to write.
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
        case .notSent where !hasBegun: notBegun(&change, sent, outcome, reopensAfter: reopensAfter)
        case .notSent:
            beginsAtChannel = unsent(
                &change, sent: sent, outcome: outcome, wasKnown: wasKnown, reopensAfter: reopensAfter, at: now)
        }
        if sent.beginsAtChannel, change.channel == sent.change.channel { beginsAtChannel = true }
        // An earlier attempt of this delivery may have reached the recipient, however this one ended.
        if change.next == .failed, change.possibleDuplicate { change.next = .unknown }
        var record = AttemptRecord(
            ledgerID: sent.ledgerID, delivery: sent.delivery, proof: outcome.kind.proof, change: change,
            suppressions: suppressions, beginsAtChannel: beginsAtChannel,
            polls: polls(of: sent, outcome, calls))
        if calls.isEmpty {
            if let address = sent.address, let since = outcome.deadSince { record.deadSince[address.subject] = since }
        } else {
            for call in calls {
                if let since = call.outcome.deadSince { record.deadSince[call.address.subject] = since }
            }
        }
        return record
    }

    /// What providers have to be asked about later: each device that was accepted, or the message.
    private func polls(of sent: SentAttempt, _ outcome: Outcome, _ calls: [DeviceCall]) -> [PendingPoll] {
        func poll(_ provider: String?, _ outcome: Outcome, _ address: Address?) -> PendingPoll? {
            guard outcome.kind == .accepted, let provider, let wait = pollAfter(provider), let address,
                let id = outcome.providerID
            else { return nil }
            return PendingPoll(
                provider: provider, providerID: id, delivery: sent.delivery, address: address.subject,
                isOneOfSeveral: calls.count > 1, wait: wait)
        }
        if calls.isEmpty { return [poll(sent.change.provider, outcome, sent.address)].compactMap { $0 } }
        return calls.compactMap { poll($0.provider, $0.outcome, $0.address) }
    }

    /// Handles an unknown outcome. If the category allows it, the delivery is sent once more with the same reference
    /// and marked as a possible duplicate. Otherwise the state stays `unknown`, the ledger row keeps counting and
    /// nothing is sent again.
    private func unknown(_ change: inout DeliveryChange, sent: SentAttempt) {
        guard sent.resendsUnknown, !change.possibleDuplicate else {
            change.next = .unknown
            return
        }
        change.next = .deferred(Wait(settings.limits.resendAfter))
        change.possibleDuplicate = true
    }

    private func notBegun(
        _ change: inout DeliveryChange, _ sent: SentAttempt, _ outcome: Outcome, reopensAfter: Duration?
    ) {
        change.attempt -= 1
        if outcome == Pipeline.pausedOutcome {
            // It takes its place in the queue again, so that it is not behind those that were never claimed.
            change.next = .deferred(Wait(.zero, noLaterThan: sent.dueAt))
        } else if outcome.kind.fault == .rate {
            change.reason = HoldReason.providerLimited.rawValue
            change.next = .deferred(Wait(reopensAfter ?? .zero))
        } else {
            change.next = .deferred(Wait(max(settings.retry.base, reopensAfter ?? .zero)))
        }
    }

    /// Returns whether the delivery continues with `change.channel` and never with a channel before it.
    private func unsent(
        _ change: inout DeliveryChange, sent: SentAttempt, outcome: Outcome, wasKnown: Bool, reopensAfter: Duration?,
        at now: Instant
    ) -> Bool {
        // A message that may have reached the recipient on this channel is not sent on another.
        let mayChange = !isExhausted(sent, at: now) && !change.possibleDuplicate
        switch outcome.kind {
        case _ where outcome.kind.isRetryable && !mayWait(outcome, sent, wasKnown: wasKnown, at: now):
            change.next = .failed
            change.reason = FailureReason.attemptsExhausted.rawValue
        case _ where outcome.kind.fault == .account:
            // A used-up quota is restored by itself. Any other account fault needs an operator.
            let wait = retry(change, of: sent, after: reopensAfter)
            change.next = outcome.kind == .quota ? .deferred(wait) : .held(wait)
            if change.state == .held { change.reason = HoldReason.providerPaused.rawValue }
            change.attempt -= 1  // the account's fault, not the message's: uses up no attempt
        case _ where outcome.kind.isRetryable:
            let isProviders = [.rate, .provider, .way, .nobody].contains(outcome.kind.fault)
            let asked = isProviders ? reopensAfter : outcome.retryAfter
            change.next = .deferred(retry(change, of: sent, after: asked))
            if isFree(outcome, wasKnown: wasKnown) { change.attempt -= 1 }
        case _ where Self.blamesAddress(outcome.kind) && sent.hasFurtherChannels && mayChange:
            change.next = .deferred(.none)
            change.channel = nil  // the address gets suppressed, so the decision takes the plan's next channel
        case _ where Self.blamesContent(outcome.kind) && mayChange && sent.nextChannel != nil:
            // Every provider of this channel would reject this content. Another channel has content of its own.
            change.next = .deferred(.none)
            change.channel = sent.nextChannel
            return true
        default:
            change.next = .failed
            change.reason = Self.failure(outcome.kind).rawValue
        }
        return false
    }

    /// When a failed attempt is repeated: no earlier than `asked` from now, and no later than the message's expiry.
    private func retry(_ change: DeliveryChange, of sent: SentAttempt, after asked: Duration?) -> Wait {
        Wait(
            settings.retry.delay(
                afterAttempt: change.attempt, retryAfter: asked, seed: UInt64(bitPattern: sent.delivery.rawValue)),
            noLaterThan: sent.expiresAt)
    }

    // MARK: - when trying ends

    /// Whether a try uses up no attempt: the account was at fault, no connection came about, or the provider was already
    /// known to be limited and says nothing new about this message.
    private func isFree(_ outcome: Outcome, wasKnown: Bool) -> Bool {
        switch outcome.kind.fault {
        case .account: true
        case .rate: wasKnown
        default: !outcome.isConnected
        }
    }

    /// Whether a message is tried again. Time ends the tries, and its expiry where it has one: the claim after that
    /// instant finds it expired.
    private func mayWait(_ outcome: Outcome, _ sent: SentAttempt, wasKnown: Bool, at now: Instant) -> Bool {
        guard sent.expiresAt == nil else { return true }
        return isFree(outcome, wasKnown: wasKnown)
            ? now - sent.since < settings.retry.holdAtMost : !isExhausted(sent, at: now)
    }

    /// Whether a message without an expiry has been tried long enough, and often enough.
    private func isExhausted(_ sent: SentAttempt, at now: Instant) -> Bool {
        guard sent.expiresAt == nil else { return false }
        return sent.change.attempt >= settings.retry.minAttempts && now - sent.since >= settings.retry.giveUpAfter
    }

    /// Whether the address cannot be used any more and is to be suppressed.
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

    /// Suppresses an address that is invalid or that refuses messages. It is in force at the next decision.
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
