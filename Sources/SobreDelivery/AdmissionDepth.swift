public import SobreModel

/// How many messages are admitted for a provider before one of its calls is free for them.
///
/// A call that ends then finds the next message decided and on the disk, and the provider never waits for the store.
/// The depth is a time: as many messages as the provider has lately begun within ``AheadBounds/reach``, so that what is
/// admitted also begins within it. It starts at nothing and doubles with each round, follows the provider when that
/// becomes faster or slower, and ends with the calls.
public struct AdmissionDepth: Hashable, Sendable {
    var bounds: AheadBounds
    /// When the present window began. Each is as long as the reach.
    private var beganAt = Instant.distantPast
    /// Calls that began in the present window and in the one before.
    private var present = 0
    private var before = 0

    public init(bounds: AheadBounds) { self.bounds = bounds }

    /// Counts a call that begins.
    public mutating func began(at now: Instant) {
        guard bounds.most > 0, bounds.reach > .zero else { return }
        let age = now - beganAt
        if age >= bounds.reach {
            before = age < bounds.reach * 2 ? present : 0
            present = 0
            beganAt = age < bounds.reach * 2 ? beganAt + bounds.reach : now
        }
        present += 1
    }

    /// How many messages may be admitted ahead: about as many as began within the reach until now.
    public func count(at now: Instant) -> Int {
        let reach = bounds.reach.milliseconds
        let age = (now - beganAt).milliseconds
        guard bounds.most > 0, reach > 0, age < 2 * reach else { return 0 }
        // A clock that was set back says nothing of how long ago that was.
        let passed = max(age, 0)
        let count =
            passed < reach
            ? Int64(present) + Int64(before) * (reach - passed) / reach : Int64(present) * (2 * reach - passed) / reach
        return min(Int(count), bounds.most)
    }

    /// How many messages the provider can be expected to begin within a time that is shorter than the reach.
    public func count(within time: Duration, at now: Instant) -> Int {
        let reach = bounds.reach.milliseconds
        return reach > 0 ? Int(Int64(count(at: now)) * min(time.milliseconds, reach) / reach) : 0
    }
}
