public import SobreModel

/// Whether openings and clicks need the recipient's consent. Section `tracking` of a policy.
struct TrackingRule: Sendable, Hashable {
    /// Off by default: every opening and click counts.
    var requiresConsent = false
    /// The name under which profiles have the consent.
    var consent = "tracking"
}

extension Policy {
    /// The name of the consent to tracking; nil when the policy has no such section.
    public var trackingConsent: String? { rules.tracking?.consent }

    /// Whether openings and clicks count only with ``trackingConsent``.
    public var requiresTrackingConsent: Bool { rules.tracking?.requiresConsent ?? false }

    /// Whether an opening or a click may be attributed to a recipient.
    ///
    /// The newest consent to tracking on the channel, or on all channels, must be a grant that is no newer than the event.
    /// A recipient without a profile has given none.
    ///
    /// - Parameters:
    ///   - profile: the recipient; nil: not known.
    ///   - channel: the channel of the message; nil: not known.
    ///   - event: when it was opened or clicked.
    ///   - now: the present time.
    /// - Returns: true also when the policy requires no consent.
    public func mayTrack(_ profile: Profile?, on channel: Channel?, at event: Instant, now: Instant) -> Bool {
        guard let rule = rules.tracking, rule.requiresConsent else { return true }
        guard let profile,
            let index = profile.consents.latest(on: channel, now: now, where: { NameRule.areSame($0, rule.consent) })
        else { return false }
        let consent = profile.consents[index]
        return consent.granted && min(consent.at ?? .distantPast, now) <= event
    }
}

extension [Consent] {
    /// The position of the consent that counts: the newest about a name on a channel, or on all channels.
    ///
    /// A consent without a time counts as the oldest, one from the future as given now. Of two with the same time, the
    /// refusal counts.
    ///
    /// - Parameters:
    ///   - channel: the channel; nil: only consents for all channels count.
    ///   - now: the present time.
    ///   - isAbout: whether a name is the one asked about.
    /// - Returns: nil when none is recorded.
    func latest(on channel: Channel?, now: Instant, where isAbout: (String) -> Bool) -> Int? {
        var latest: Int?
        for index in indices {
            let consent = self[index]
            guard consent.channel == nil || consent.channel == channel, isAbout(consent.category) else { continue }
            if let held = latest {
                let (a, b) = (
                    Swift.min(consent.at ?? .distantPast, now), Swift.min(self[held].at ?? .distantPast, now)
                )
                guard a > b || a == b && !consent.granted else { continue }
            }
            latest = index
        }
        return latest
    }
}
