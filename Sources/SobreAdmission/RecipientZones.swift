import SobreModel
import ZoneInfo

/// In which time zones a person may be.
struct RecipientZones: Sendable {
    enum Origin: String, Sendable {
        case profile
        case country
        case phonePrefix = "phone_prefix"
        case policyDefault = "default_timezone"
    }

    /// Every plausible zone: quiet hours hold in all of them.
    var all: [Zone]
    /// The one in which calendar windows are counted: the person's own, or the policy's default.
    var calendar: Zone
    var origin: Origin

    /// The profile's zone; where it has none, or one that nobody knows, those of its country, else those of its phone
    /// number's country, else the policy's default. Never none.
    init(_ profile: Profile?, policy: Policy) {
        let fallback = policy.rules.defaultZone
        self.init(all: [fallback], calendar: fallback, origin: .policyDefault)
        guard let profile, policy.index.needsZones else { return }
        if let name = profile.timezone, let zone = try? policy.zones.zone(named: name) {
            self.init(all: [zone], calendar: zone, origin: .profile)
            return
        }
        if let country = profile.country {
            let zones = policy.zones.zones(ofCountry: country)
            if !zones.isEmpty {
                self.init(all: zones, calendar: fallback, origin: .country)
                return
            }
        }
        for address in profile.addresses where address.channel == .sms {
            let countries = PhonePrefix.countries(of: address.normalised)
            let zones = countries.flatMap { policy.zones.zones(ofCountry: $0) }
            if !zones.isEmpty {
                self.init(all: zones, calendar: fallback, origin: .phonePrefix)
                return
            }
        }
    }

    private init(all: [Zone], calendar: Zone, origin: Origin) {
        self.all = all
        self.calendar = calendar
        self.origin = origin
    }
}
