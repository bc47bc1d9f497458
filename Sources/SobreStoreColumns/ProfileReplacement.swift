public import SobreModel
public import SobreStore

/// A profile as it is stored in place of an earlier one, with those that are merged into it.
public struct ProfileReplacement: Sendable {
    /// The profile. Its consents have their evidence, which goes into their history and not into the profile.
    public var profile: Profile
    /// Its own consents, without those of merged profiles.
    public let stated: [Consent]

    /// - Parameters:
    ///   - given: the document.
    ///   - earlier: as it was stored before; nil: it was not.
    ///   - others: the profiles that are merged into it.
    ///   - names: further names of the person.
    ///   - now: the store's time.
    public init(
        _ given: Profile, replacing earlier: Profile?, absorbing others: [Profile], adding names: [String],
        at now: Instant
    ) {
        var profile = given
        profile.aliases = earlier?.aliases ?? []
        profile.consents = Consent.inForce(given.consents, replacing: earlier?.consents ?? [], at: now)
        stated = profile.consents
        if let earlier { profile.rememberZones(of: earlier, at: now) } else { profile.formerTimezones = [] }
        for other in others {
            profile.absorb(other, at: now)
            profile.attributes = ProfileText.mergedAttributes(profile.attributes, other.attributes)
        }
        profile.aliases += names
        self.profile = profile
    }
}
