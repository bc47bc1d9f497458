public import SobreModel

extension ProviderHealth {
    /// Takes a place for a call.
    ///
    /// - Parameters:
    ///   - now: the present time.
    ///   - horizon: how far ahead places under the rate limit are given away.
    ///   - isAhead: whether it may be for a message that is admitted ahead, before a call is free for it.
    /// - Returns: whether there was one.
    public mutating func take(at now: Instant, horizon: Duration, isAhead: Bool = false) -> Bool {
        guard places(isAhead: isAhead, at: now, horizon: horizon) > 0 else { return false }
        countProbe()
        if inFlight == 0 { progressAt = now }
        inFlight += 1
        chosen += 1
        return true
    }

    /// Hands the call over, to ``begin(at:)``. Returns when it can be expected to begin as far as the rate limit goes.
    /// Nil means that the provider became limited or broken meanwhile: the call must not be made, and the caller must
    /// call ``abandon()``.
    public mutating func handOver(at now: Instant) -> Instant? {
        chosen -= 1
        return mayCall(at: now) ? limiter?.next(after: notBegun - chosen - 1, at: now) ?? now : nil
    }

    /// Whether a call may begin.
    public enum Beginning: Hashable, Sendable {
        /// It begins, and has its place on the wire and under the rate limit until ``free()``.
        case now
        /// All calls are on the wire. One has to end.
        case full
        /// The next place under the rate limit.
        case later(Instant)
        /// The provider is limited or broken. The call must not be made, and the caller must call ``abandon()``.
        case never
    }

    /// Begins a call that was handed over, if the provider's concurrency and its rate allow that now.
    ///
    /// A place under the rate limit is taken here and not before. So a provider that stood still for a while is not
    /// flooded with all calls whose time has come meanwhile. Only the lateness of a timer is made up for.
    public mutating func begin(at now: Instant) -> Beginning {
        guard mayCall(at: now), begun < capacity(at: now) else {
            awaited = nil
            return mayCall(at: now) ? .full : .never
        }
        if let limiter {
            let time = awaited.map { min(now, max($0, now - Self.lateness)) } ?? now
            let next = limiter.next(after: 0, at: time)
            guard next <= now else {
                awaited = next
                return .later(next)
            }
            _ = self.limiter?.reserve(at: time)
            awaited = notBegun > 1 ? time : nil
        }
        begun += 1
        depth.began(at: now)
        return .now
    }

    /// How late a timer may be without a loss of pace.
    private static let lateness = Duration.milliseconds(20)

    /// Begins a call that ``join(isFirst:at:)`` took a place for, regardless of concurrency and rate. Returns whether
    /// the provider accepts calls.
    public mutating func beginJoined(at now: Instant) -> Bool {
        guard mayCall(at: now) else { return false }
        _ = limiter?.reserve(at: now)
        begun += 1
        return true
    }

    /// Frees the place on the wire of a call that has begun.
    public mutating func free() { begun -= 1 }

    /// Takes a place for a call beside other calls of the same message, regardless of the concurrency limit. Nil when
    /// the provider is limited or broken, or when all its probes are in flight and this would be the message's first
    /// call to it.
    public mutating func join(isFirst: Bool, at now: Instant) -> Instant? {
        guard mayCall(at: now), !isFirst || probesLeft > 0 else { return nil }
        countProbe()
        let startAt = limiter?.next(after: notBegun - chosen, at: now) ?? now
        if inFlight == 0 { progressAt = now }
        inFlight += 1
        return startAt
    }

    /// Frees a place that was taken for a call that is not handed over.
    public mutating func withdraw() {
        chosen -= 1
        abandon()
    }

    /// Ends a call that was handed over but never made.
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
