import SobreModel
public import SobreSettings

/// Exponential backoff with jitter that respects the provider's Retry-After.
extension RetryPolicy {
    /// The wait after a failed attempt.
    ///
    /// The wait is between half the exponential step and the whole step. The seed chooses it, so that messages that
    /// failed together are not retried together. It is never less than the provider asked for, up to `cap`.
    public func delay(afterAttempt attempt: Int, retryAfter: Duration?, seed: UInt64) -> Duration {
        let doublings = min(max(attempt, 1) - 1, 20)
        let step = min(base.milliseconds << Int64(doublings), cap.milliseconds)
        var hash = StableHash()
        hash.combine(KeyHash(rawValue: seed &+ UInt64(attempt)))
        let half = max(step / 2, 1)
        let jittered = half + Int64(hash.keyHash.rawValue % UInt64(half + 1))
        let wished = min(retryAfter?.milliseconds ?? 0, cap.milliseconds)
        return .milliseconds(max(jittered, wished))
    }
}
