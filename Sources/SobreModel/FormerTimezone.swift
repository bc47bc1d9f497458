/// A time zone that a recipient was in until recently.
///
/// After a zone change, calendar caps are evaluated in both zones until the old zone's window that contains the change
/// has passed, and quiet hours in both for the policy's `zone_change`. A changed zone thus never frees a slot.
public struct FormerTimezone: Hashable, Sendable {
    /// The earlier value of ``Profile/timezone``; nil when there was none.
    public var name: String?
    /// When it was replaced, by the store's clock.
    public var leftAt: Instant

    public init(name: String?, leftAt: Instant) {
        self.name = name
        self.leftAt = leftAt
    }

    /// How many changes a profile keeps. The oldest is removed first.
    public static let maxRemembered = 4
    /// How long a change is kept: as long as the longest window of a cap.
    public static let remembered = Duration.seconds(400 * 86_400)
}

extension Profile {
    /// Takes over the former zones from the profile that this one replaces.
    ///
    /// Stores call it on every put with the existing profile. It records a changed zone and removes old changes. Former
    /// zones already set in this profile are ignored.
    public mutating func rememberZones(of earlier: Profile, at now: Instant) {
        formerTimezones = earlier.formerTimezones.filter { now - $0.leftAt <= FormerTimezone.remembered }
        guard earlier.timezone != timezone else { return }
        formerTimezones.insert(FormerTimezone(name: earlier.timezone, leftAt: now), at: 0)
        formerTimezones = Array(formerTimezones.prefix(FormerTimezone.maxRemembered))
    }
}
