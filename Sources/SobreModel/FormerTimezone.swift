/// A zone in which a person was until lately.
///
/// When a zone changes, calendar caps are judged in the old and in the new one until the old one's window that holds
/// the change has passed, and quiet hours in both for the policy's `zone_change`: so a changed zone never frees a slot.
public struct FormerTimezone: Hashable, Sendable {
    /// The earlier value of ``Profile/timezone``; nil: there was none.
    public var name: String?
    /// When it was replaced, by the store's clock.
    public var leftAt: Instant

    public init(name: String?, leftAt: Instant) {
        self.name = name
        self.leftAt = leftAt
    }

    /// Changes that a profile remembers; the oldest is forgotten first.
    public static let maxRemembered = 4
    /// For how long a change can matter: the longest window of a cap.
    public static let remembered = Duration.seconds(400 * 86_400)
}

extension Profile {
    /// Takes over which zones the person was in from the profile that this one replaces.
    ///
    /// Stores call it on every put, with the profile as it was: it notes a changed zone and forgets old changes. What
    /// this profile says itself about former zones is ignored.
    public mutating func rememberZones(of earlier: Profile, at now: Instant) {
        formerTimezones = earlier.formerTimezones.filter { now - $0.leftAt <= FormerTimezone.remembered }
        guard earlier.timezone != timezone else { return }
        formerTimezones.insert(FormerTimezone(name: earlier.timezone, leftAt: now), at: 0)
        formerTimezones = Array(formerTimezones.prefix(FormerTimezone.maxRemembered))
    }
}
