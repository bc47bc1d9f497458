public import SobreModel
public import SobreSettings

/// How one provider is doing and what may be asked of it now. A pure state machine, fed with every outcome.
///
/// Only what the provider, the way to it or our account there is to blame for changes it (``Outcome/Fault``), and its own
/// request to slow down. A fault of one recipient or one message proves that the provider works.
public struct ProviderHealth: Hashable, Sendable {
    /// What operators see.
    public enum Condition: Hashable, Sendable {
        case open
        /// It asked for less, or our own rate for it is used up. Calls begin again at `until`.
        case limited(until: Instant)
        /// Left alone until `until`, then probed.
        case broken(until: Instant, cause: Break, why: String)
    }

    /// What broke a provider.
    public enum Break: Hashable, Sendable {
        /// Too many calls in a row failed.
        case failing
        /// A setting or the account is at fault. An operator has to act, as a rule.
        case account
    }

    /// What an outcome changed.
    public struct Change: Hashable, Sendable {
        /// The provider works less well than before the outcome.
        public var isWorse: Bool
        /// The call was made while the provider was known to be limited or broken: its refusal is no news, and the
        /// message is not to pay for it with an attempt.
        public var wasKnown: Bool
    }

    private enum Cause: Hashable {
        case limited
        case broken(Break)

        /// The worse of two causes holds while a provider is left alone.
        var rank: Int {
            switch self {
            case .limited: 0
            case .broken(.failing): 1
            case .broken(.account): 2
            }
        }
    }

    private enum Phase: Hashable {
        case open
        /// No call begins before `until`.
        case waiting(Cause, until: Instant, why: String)
        /// The wait is over. As many probes are out, and their answers decide.
        case probing(Cause, why: String, probes: Int)
    }

    /// What we allow ourselves at the provider.
    public let limits: CallLimits
    let bounds: HealthLimits
    private var phase = Phase.open
    private var faultsInARow = 0
    /// Waits without a success since: each doubles the next.
    private var failedWaits = 0
    private var limitedWaits = 0
    /// Calls at once after a limit. Grows with each success, so that the provider is not flooded again at once.
    private var window = Int.max
    private(set) var limiter: RateLimiter?
    /// Chosen and not yet ended.
    public private(set) var inFlight = 0
    /// Of these, not handed over yet: they have no place under the rate.
    private(set) var chosen = 0

    public init(limits: CallLimits, bounds: HealthLimits) {
        self.limits = limits
        self.bounds = bounds
        limiter = limits.rate.map { RateLimiter(rate: $0, burst: limits.burst) }
    }
}

// MARK: - Calls

extension ProviderHealth {
    /// Takes a place for a call if one is free within the horizon.
    public mutating func take(at now: Instant, horizon: Duration) -> Bool {
        guard room(at: now, horizon: horizon) > 0 else { return false }
        countProbe()
        inFlight += 1
        chosen += 1
        return true
    }

    /// The call goes: takes its place under the rate. Returns when it may begin; nil when the provider was limited or
    /// broken meanwhile and the call must not be made, so that ``abandon()`` is due.
    public mutating func handOver(at now: Instant) -> Instant? {
        chosen -= 1
        return mayCall(at: now) ? limiter?.reserve(at: now) ?? now : nil
    }

    /// Takes a place for a call beside others of the same message; concurrency does not bound it. Nil when the provider is
    /// limited or broken, and when its probes are out and this would be the message's first call to it.
    public mutating func join(isFirst: Bool, at now: Instant) -> Instant? {
        guard mayCall(at: now), !isFirst || probesLeft > 0 else { return nil }
        countProbe()
        inFlight += 1
        return limiter?.reserve(at: now) ?? now
    }

    /// A place was taken and the call is not handed over after all.
    public mutating func withdraw() {
        chosen -= 1
        abandon()
    }

    /// The call was handed over and never made.
    public mutating func abandon() {
        inFlight -= 1
        if case .probing(let cause, let why, let probes) = phase {
            phase = .probing(cause, why: why, probes: max(probes - 1, 0))
        }
    }

    private mutating func countProbe() {
        switch phase {
        case .open: break
        case .waiting(let cause, _, let why): phase = .probing(cause, why: why, probes: 1)
        case .probing(let cause, let why, let probes): phase = .probing(cause, why: why, probes: probes + 1)
        }
    }
}

// MARK: - Questions

extension ProviderHealth {
    /// The provider's state in a word or two.
    public func condition(at now: Instant, horizon: Duration) -> Condition {
        switch phase {
        case .open:
            let next = nextPlace(at: now, horizon: horizon)
            return next > now ? .limited(until: next) : .open
        case .waiting(let cause, let until, let why): return Self.condition(cause, until: max(until, now), why: why)
        case .probing(let cause, let why, _): return Self.condition(cause, until: now, why: why)
        }
    }

    private static func condition(_ cause: Cause, until: Instant, why: String) -> Condition {
        switch cause {
        case .limited: .limited(until: until)
        case .broken(let cause): .broken(until: until, cause: cause, why: why)
        }
    }

    /// How many calls could begin within the horizon.
    public func room(at now: Instant, horizon: Duration) -> Int {
        guard mayCall(at: now) else { return 0 }
        let room = min(min(limits.concurrency, window) - inFlight, probesLeft)
        guard room > 0, let limiter else { return max(room, 0) }
        return max(0, min(room, limiter.places(within: horizon, at: now) - chosen))
    }

    /// When a call could begin without waiting for the end of another: now when only others' ends are waited for; nil
    /// while probes are out, whose answers decide.
    public func nextFree(at now: Instant, horizon: Duration) -> Instant? {
        switch phase {
        case .open: nextPlace(at: now, horizon: horizon)
        case .waiting(_, let until, _): max(until, now)
        case .probing: probesLeft > 0 ? now : nil
        }
    }

    /// When the provider takes calls again; nil: it does now, perhaps after the end of others or within its rate.
    public func reopens(at now: Instant) -> Instant? {
        if !mayCall(at: now) { return nextFree(at: now, horizon: .zero) }
        return probesLeft > 0 ? nil : now + bounds.limitedFor
    }

    /// Whether a call that was handed over may still begin.
    public func mayCall(at now: Instant) -> Bool {
        if case .waiting(_, let until, _) = phase { until <= now } else { true }
    }

    /// When the provider has nothing to offer before an operator acts or its pause is over: until when, and why.
    public func pause(at now: Instant) -> (until: Instant, why: String)? {
        guard case .waiting(.broken(.account), let until, let why) = phase, until > now else { return nil }
        return (until, why)
    }

    private var probesLeft: Int {
        switch phase {
        case .open: .max
        case .waiting: bounds.probes
        case .probing(_, _, let probes): bounds.probes - probes
        }
    }

    /// When our own rate leaves a place within the horizon.
    private func nextPlace(at now: Instant, horizon: Duration) -> Instant {
        guard let limiter, limiter.places(within: horizon, at: now) <= chosen else { return now }
        return max(now, limiter.next(after: chosen, at: now) - horizon)
    }
}

// MARK: - Outcomes

extension ProviderHealth {
    /// Takes what a call came to.
    @discardableResult
    public mutating func end(_ outcome: Outcome, at now: Instant) -> Change {
        inFlight -= 1
        let before = phase
        let wasKnown = phase != .open || window < limits.concurrency
        switch outcome.kind.fault {
        case .nobody, .recipient, .message: works(isAccepted: outcome.kind.proof == .sent)
        case .rate: slowDown(outcome, at: now)
        case .provider, .way: fail(outcome, at: now)
        case .account:
            let asked = outcome.retryAfter.map { min($0, bounds.retryAfterMax) } ?? .zero
            wait(.broken(.account), for: max(bounds.pause, asked), why: outcome.detail, at: now)
        }
        return Change(isWorse: isWorse(than: before), wasKnown: wasKnown)
    }

    /// Somebody was answered: the provider works, whoever else may be to blame.
    private mutating func works(isAccepted: Bool) {
        switch phase {
        // Of a call from before the wait. It lifts a pause, whose reason it disproves, and no other wait.
        case .waiting(.broken(.account), _, _): if isAccepted { phase = .open }
        case .waiting: return
        case .probing: phase = .open
        case .open: break
        }
        faultsInARow = 0
        failedWaits = 0
        limitedWaits = 0
        if window < limits.concurrency { window += 1 } else { window = .max }
    }

    /// The provider asks for less.
    private mutating func slowDown(_ outcome: Outcome, at now: Instant) {
        faultsInARow = 0
        if case .waiting(let cause, let until, let why) = phase {
            // One of many that were out when the first was refused.
            let asked = outcome.retryAfter.map { now + min($0, bounds.retryAfterMax) } ?? until
            phase = .waiting(cause, until: max(until, asked), why: why)
        } else {
            limit(outcome, at: now)
        }
    }

    private mutating func limit(_ outcome: Outcome, at now: Instant) {
        let step = Self.doubled(bounds.limitedFor, times: limitedWaits, atMost: bounds.limitedMax)
        limitedWaits += 1
        window = bounds.probes
        let asked = outcome.retryAfter ?? .zero
        wait(.limited, for: asked > .zero ? min(asked, bounds.retryAfterMax) : step, why: outcome.detail, at: now)
    }

    /// The call failed, and not for what it carried.
    private mutating func fail(_ outcome: Outcome, at now: Instant) {
        faultsInARow += 1
        switch phase {
        case .waiting: slowDownLate(outcome, at: now)
        case .probing(.broken(.account), let why, _):
            wait(.broken(.account), for: bounds.pause, why: why, at: now)
        case .probing(.broken(.failing), _, _): breakOff(outcome, at: now)
        case .probing(.limited, _, _), .open:
            if faultsInARow >= bounds.failures {
                breakOff(outcome, at: now)
            } else if phase != .open || outcome.retryAfter.map({ $0 > .zero }) ?? false {
                limit(outcome, at: now)
            }
        }
    }

    private mutating func slowDownLate(_ outcome: Outcome, at now: Instant) {
        let faults = faultsInARow
        slowDown(outcome, at: now)
        faultsInARow = faults
    }

    private mutating func breakOff(_ outcome: Outcome, at now: Instant) {
        let step = Self.doubled(bounds.brokenFor, times: failedWaits, atMost: bounds.brokenMax)
        failedWaits += 1
        faultsInARow = 0
        let asked = outcome.retryAfter.map { min($0, bounds.retryAfterMax) } ?? .zero
        wait(.broken(.failing), for: max(step, asked), why: outcome.detail, at: now)
    }

    /// Leaves the provider alone. A worse cause that already holds is kept.
    private mutating func wait(_ cause: Cause, for length: Duration, why: String, at now: Instant) {
        if case .waiting(let held, let until, let reason) = phase, held.rank > cause.rank {
            phase = .waiting(held, until: max(until, now + length), why: reason)
        } else {
            phase = .waiting(cause, until: now + length, why: why)
        }
    }

    private func isWorse(than before: Phase) -> Bool {
        guard case .waiting(let cause, _, _) = phase else { return false }
        if case .waiting(let earlier, _, _) = before { return cause.rank > earlier.rank }
        return true
    }

    private static func doubled(_ base: Duration, times: Int, atMost most: Duration) -> Duration {
        .milliseconds(min(base.milliseconds << Int64(min(times, 16)), most.milliseconds))
    }
}
