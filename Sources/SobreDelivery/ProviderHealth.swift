public import SobreModel
public import SobreSettings

/// The health of one provider and what may be asked of it now. A pure state machine, fed with every outcome.
///
/// Its state changes only for faults of the provider, of the connection to it or of our account there
/// (``Outcome/Fault``), and when it asks us to slow down. A fault of a single recipient or message proves that the
/// provider works.
public struct ProviderHealth: Hashable, Sendable {
    /// The condition shown to operators.
    public enum Condition: Hashable, Sendable {
        case open
        /// The provider asked for fewer calls, or our own rate limit is reached. Calls begin again at `until`.
        case limited(until: Instant)
        /// No calls until `until`, then probes.
        case broken(until: Instant, cause: Break, why: String)
    }

    /// Why a provider is broken.
    public enum Break: Hashable, Sendable {
        /// Too many calls failed in a row.
        case failing
        /// A setting or the account is at fault. This usually needs an operator.
        case account
    }

    /// What an outcome changed.
    public struct Change: Hashable, Sendable {
        /// Whether the provider works less well than before the outcome.
        public var isWorse: Bool
        /// Whether the provider was already known to be limited or broken when the call was made. Its rejection is then
        /// nothing new and must not use up an attempt of the message.
        public var wasKnown: Bool
        /// Whether our account or our settings are at fault although the outcome blames a recipient or a message: several
        /// recipients in a row were refused alike.
        public var isAboutUs = false
    }

    /// Refusals that say nothing certain about their recipients, in the same words, without a success between them.
    private struct Alike: Hashable {
        var cause: KeyHash
        /// Whom they refused; no more than count.
        var recipients: Set<KeyHash> = []
    }

    enum Cause: Hashable {
        case limited
        case broken(Break)

        /// While a provider is paused, the worse of two causes is kept.
        var rank: Int {
            switch self {
            case .limited: 0
            case .broken(.failing): 1
            case .broken(.account): 2
            }
        }
    }

    enum Phase: Hashable {
        case open
        /// No call begins before `until`.
        case waiting(Cause, until: Instant, why: String)
        /// The wait is over. `probes` calls are in flight, and their answers decide.
        case probing(Cause, why: String, probes: Int)
    }

    /// Our own limits for this provider.
    public internal(set) var limits: CallLimits
    var bounds: ProviderHealthLimits
    var phase = Phase.open
    private var faultsInARow = 0
    /// Breaks without a success since. Each doubles the next wait.
    private var failedWaits = 0
    private var limitedWaits = 0
    private var alike: Alike?
    /// How many calls may be in flight after a limit. Each success raises it by one, so that the provider is not
    /// flooded again.
    var window = Int.max
    var limiter: RateLimiter?
    /// How much of its traffic it keeps.
    public private(set) var share = TrafficShare()
    /// Calls that were chosen and have not ended yet.
    public internal(set) var inFlight = 0
    /// When the last call ended, or when the first of the calls in flight was chosen.
    var progressAt = Instant.distantPast
    /// How many of these were not handed over yet.
    var chosen = 0
    /// How many of these have begun.
    public internal(set) var begun = 0
    /// How many messages may be admitted before a call is free for them.
    var depth: AdmissionDepth
    /// The place under the rate limit that the calls that wait were told to wait for.
    var awaited: Instant?

    public init(limits: CallLimits, bounds: ProviderHealthLimits) {
        self.limits = limits
        self.bounds = bounds
        limiter = limits.rate.map { RateLimiter(rate: $0, burst: limits.burst) }
        depth = AdmissionDepth(bounds: limits.ahead)
    }
}

extension ProviderHealth {
    /// Forgets all outcomes.
    mutating func forget() {
        phase = .open
        window = .max
        faultsInARow = 0
        failedWaits = 0
        limitedWaits = 0
        alike = nil
        share = TrafficShare()
    }
}

// MARK: - Questions

extension ProviderHealth {
    /// The provider's condition as shown to operators.
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

    /// How many messages are worth claiming now: the calls that could begin within the horizon, and what may be
    /// admitted ahead of them.
    ///
    /// While others wait to begin there is time for a batch, so that a few places are not worth one.
    public func room(at now: Instant, horizon: Duration) -> Int {
        let places = places(isAhead: true, at: now, horizon: horizon)
        return places * Self.worthwhile < places + notBegun ? 0 : places
    }

    /// A batch is worth its transactions when it adds a twentieth to what waits to begin.
    private static let worthwhile = 20

    /// How many messages may be chosen now.
    ///
    /// - Parameters:
    ///   - isAhead: false: only those for which a call is free; true: also those that are admitted ahead.
    ///   - now: the present time.
    ///   - horizon: how far ahead places under the rate limit are given away.
    /// - Returns: the number; 0 when the provider is limited or broken.
    func places(isAhead: Bool, at now: Instant, horizon: Duration) -> Int {
        guard mayCall(at: now) else { return 0 }
        let allowed = capacity(at: now) + (isAhead ? ahead(at: now) : 0)
        let places = min(allowed - inFlight, probesLeft)
        guard places > 0, let limiter else { return max(places, 0) }
        return max(0, min(places, limiter.places(within: horizon, at: now) - notBegun))
    }

    /// Calls that were chosen or handed over and have not begun.
    var notBegun: Int { inFlight - begun }

    /// How many calls may have begun at once.
    func capacity(at now: Instant) -> Int {
        min(limits.concurrency, window, isStalled(at: now) ? bounds.stalledCalls : .max) + followers(at: now)
    }

    /// How many calls may begin behind others. None that would have to wait for long: where a call takes its time, the
    /// next one is better kept where a message with a higher priority can still pass it.
    private func followers(at now: Instant) -> Int {
        guard limits.isPipelined, isAtFullPace(at: now) else { return 0 }
        return min(limits.concurrency, depth.count(within: Self.followersWait, at: now))
    }

    private static let followersWait = Duration.milliseconds(20)

    /// How many messages are admitted ahead. None while the provider is not known to work, or works slowly.
    private func ahead(at now: Instant) -> Int {
        isAtFullPace(at: now) ? depth.count(at: now) : 0
    }

    private func isAtFullPace(at now: Instant) -> Bool {
        phase == .open && window >= limits.concurrency && !isStalled(at: now)
    }

    /// Whether the provider answers none of its calls. More would only wait for a connection and be decided in vain.
    private func isStalled(at now: Instant) -> Bool { inFlight > 0 && now - progressAt >= bounds.stalledAfter }

    /// When a call could begin without waiting for another call to end. It is `now` if only other calls are in the way,
    /// and nil while all probes are in flight.
    public func nextFree(at now: Instant, horizon: Duration) -> Instant? {
        switch phase {
        case .open: nextPlace(at: now, horizon: horizon)
        case .waiting(_, let until, _): max(until, now)
        case .probing: probesLeft > 0 ? now : nil
        }
    }

    /// When the provider accepts calls again. Nil if it does now, although a call may have to wait for others or for
    /// the rate limit.
    public func reopens(at now: Instant) -> Instant? {
        if !mayCall(at: now) { return nextFree(at: now, horizon: .zero) }
        return probesLeft > 0 ? nil : now + bounds.limitedFor
    }

    /// Whether a call that was handed over may still begin.
    public func mayCall(at now: Instant) -> Bool {
        if case .waiting(_, let until, _) = phase { until <= now } else { true }
    }

    /// Until when the provider is paused for an account fault, and why. Nil when it is not paused.
    public func pause(at now: Instant) -> (until: Instant, why: String)? {
        guard case .waiting(.broken(.account), let until, let why) = phase, until > now else { return nil }
        return (until, why)
    }

    var probesLeft: Int {
        switch phase {
        case .open: .max
        case .waiting: bounds.probes
        case .probing(_, _, let probes): bounds.probes - probes
        }
    }

    /// When the rate limit leaves a place within the horizon.
    private func nextPlace(at now: Instant, horizon: Duration) -> Instant {
        guard let limiter, limiter.places(within: horizon, at: now) <= notBegun else { return now }
        return max(now, limiter.next(after: notBegun, at: now) - horizon)
    }
}

// MARK: - Outcomes

extension ProviderHealth {
    /// Records how long a delivery took by the provider's receipt.
    public mutating func delivered(after delay: Duration, at now: Instant) {
        share.delivered(after: delay, at: now, bounds)
    }

    /// Lets traffic come back when time has passed, and returns the share in percent.
    mutating func share(at now: Instant) -> Int {
        share.judge(at: now, bounds)
        return share.percent
    }

    /// Records the outcome of a call.
    ///
    /// - Parameters:
    ///   - outcome: what the call came to.
    ///   - recipient: the address that it was for; nil: not known.
    ///   - now: the present time.
    /// - Returns: what it says about the provider.
    @discardableResult
    public mutating func end(_ outcome: Outcome, to recipient: KeyHash? = nil, at now: Instant) -> Change {
        inFlight -= 1
        progressAt = now
        let before = phase
        let wasKnown = phase != .open || window < limits.concurrency
        let isAboutUs = isAlike(outcome, to: recipient)
        let fault = isAboutUs ? .account : outcome.kind.fault
        share.called(isFault: fault == .provider || fault == .way, at: now, bounds)
        switch fault {
        case .nobody, .recipient, .message: works(isAccepted: outcome.kind.proof == .sent)
        case .rate: slowDown(outcome, at: now)
        case .provider, .way: fail(outcome, at: now)
        case .account:
            let asked = outcome.retryAfter.map { min($0, bounds.retryAfterMax) } ?? .zero
            let why = isAboutUs ? "\(bounds.sameRefusals) recipients in a row were refused alike: " : ""
            wait(.broken(.account), for: max(bounds.pause, asked), why: why + outcome.detail, at: now)
        }
        return Change(isWorse: isWorse(than: before), wasKnown: wasKnown, isAboutUs: isAboutUs)
    }

    /// Counts recipients in a row who are refused alike. Returns whether there are so many that we must be at fault.
    private mutating func isAlike(_ outcome: Outcome, to recipient: KeyHash?) -> Bool {
        if outcome.kind.proof == .sent { alike = nil }
        guard let cause = outcome.commonCause, let recipient else { return false }
        var refused = alike?.cause == cause ? alike!.recipients : []
        if refused.count < bounds.sameRefusals { refused.insert(recipient) }
        alike = Alike(cause: cause, recipients: refused)
        return refused.count >= bounds.sameRefusals
    }

    /// The provider answered, so it works, whatever the message or the recipient is to blame for.
    private mutating func works(isAccepted: Bool) {
        switch phase {
        // The call began before the wait. A success disproves the reason of a pause and ends it, but ends no other
        // wait.
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

    /// The provider asks for fewer calls.
    private mutating func slowDown(_ outcome: Outcome, at now: Instant) {
        faultsInARow = 0
        if case .waiting(let cause, let until, let why) = phase {
            // This call was in flight when the first one was rejected.
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

    /// The call failed for a reason other than its content.
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
        share.drop("it failed: \(outcome.detail)", at: now, bounds)
        wait(.broken(.failing), for: max(step, asked), why: outcome.detail, at: now)
    }

    /// Pauses the provider. If a worse cause already holds, it is kept.
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
