import SobreModel
import ZoneInfo

/// The time zones a recipient may be in.
struct RecipientZones: Sendable {
    enum Origin: String, Sendable {
        case profile
        case country
        case phonePrefix = "phone_prefix"
        case policyDefault = "default_timezone"
    }

    /// All plausible zones, including one that was left recently. Quiet hours apply in each of them.
    var all: [Zone]
    /// The zone for calendar windows: the recipient's own, or the policy's default.
    let calendar: Zone
    /// Earlier zones for calendar windows, newest first.
    let former: [(zone: Zone, leftAt: Instant)]
    let origin: Origin

    /// Takes the profile's zone. If it has none or an unknown one, takes the zones of its country, else those of its
    /// phone number's country, else the policy's default. There is always at least one.
    ///
    /// `isAsked` is false when nothing depends on the zones. Then they are not looked up.
    init(_ profile: Profile?, policy: Policy, at now: Instant, isAsked: Bool) {
        guard let profile, isAsked else {
            (all, calendar, origin) = ([policy.rules.defaultZone], policy.rules.defaultZone, .policyDefault)
            former = []
            return
        }
        (all, calendar, origin) = Self.present(profile, policy)
        former = profile.formerTimezones.map { former in
            (former.name.flatMap { try? policy.zones.zone(named: $0) } ?? policy.rules.defaultZone, former.leftAt)
        }
        for former in former where now - former.leftAt < policy.rules.zoneChange {
            if !all.contains(where: { $0.name == former.zone.name }) { all.append(former.zone) }
        }
    }

    private static func present(_ profile: Profile, _ policy: Policy) -> ([Zone], Zone, Origin) {
        let fallback = policy.rules.defaultZone
        if let zone = policy.zone(of: profile) { return ([zone], zone, .profile) }
        if let country = profile.country {
            let zones = policy.zones.zones(ofCountry: country)
            if !zones.isEmpty { return (zones, fallback, .country) }
        }
        for address in profile.addresses where address.channel.addressKind == .phoneNumber {
            let countries = PhonePrefix.countries(of: address.normalised)
            let zones = countries.flatMap { policy.zones.zones(ofCountry: $0) }
            if !zones.isEmpty { return (zones, fallback, .phonePrefix) }
        }
        return ([fallback], fallback, .policyDefault)
    }
}
