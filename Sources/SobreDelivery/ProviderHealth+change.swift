internal import SobreModel
internal import SobreSettings

extension ProviderHealth {
    /// Puts other limits in force. Calls that were chosen or have begun keep their places.
    ///
    /// - Parameters:
    ///   - limits: our own limits for the provider.
    ///   - bounds: when its calls are paused.
    ///   - isNew: whether its settings changed. Then what was learnt of it by calls with the old ones is forgotten.
    ///   - now: the present time.
    mutating func change(limits: CallLimits, bounds: ProviderHealthLimits, isNew: Bool, at now: Instant) {
        if limits.rate != self.limits.rate || limits.burst != self.limits.burst {
            limiter = limits.rate.map { rate in
                limiter?.changed(rate: rate, burst: limits.burst, at: now)
                    ?? RateLimiter(rate: rate, burst: limits.burst)
            }
            awaited = nil
        }
        if window != .max, window >= limits.concurrency { window = .max }
        depth.bounds = limits.ahead
        self.limits = limits
        self.bounds = bounds
        if isNew { forget() }
    }

    /// Ends a call whose outcome says nothing of the provider, because it was made with settings that are not in force
    /// any more.
    mutating func endUnjudged(at now: Instant) {
        inFlight -= 1
        progressAt = now
    }
}
