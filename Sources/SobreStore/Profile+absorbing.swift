public import SobreModel

extension Profile {
    /// Applies a consent statement, unless a newer statement about the same channel and category is in force, or a
    /// refusal of the same time. A statement without a time counts as the oldest, one from the future as made now.
    ///
    /// - Parameters:
    ///   - consent: the statement.
    ///   - now: the latest time that counts.
    /// - Returns: Whether the statement is now in force.
    public mutating func take(_ consent: Consent, at now: Instant) -> Bool {
        var consent = consent
        consent.evidence = nil
        guard let place = consents.firstIndex(where: { $0.isAboutSame(as: consent) }) else {
            consents.append(consent)
            return true
        }
        let held = consents[place]
        let (new, old) = (min(consent.at ?? .distantPast, now), min(held.at ?? .distantPast, now))
        guard new > old || new == old && (!consent.granted || held.granted) else { return false }
        consents[place] = consent
        return true
    }

    /// Merges another profile of the same recipient into this one.
    ///
    /// Missing fields are filled in. Addresses, aliases and consents are joined. The stricter caps apply. The caller
    /// merges the attributes.
    ///
    /// When the time zones differ, the other zone is recorded as one that the recipient has just left, so that calendar
    /// caps and quiet hours are checked in both zones.
    public mutating func absorb(_ other: Profile, at now: Instant) {
        locale = locale ?? other.locale
        country = country ?? other.country
        let zones = formerTimezones + other.formerTimezones
        formerTimezones = zones.sorted { $0.leftAt > $1.leftAt }
        if timezone == nil {
            timezone = other.timezone
        } else if let zone = other.timezone, zone != timezone {
            formerTimezones.insert(FormerTimezone(name: zone, leftAt: now), at: 0)
        }
        formerTimezones = Array(formerTimezones.prefix(FormerTimezone.maxRemembered))
        let known = Set(addresses.map(\.subject))
        addresses += other.addresses.filter { !known.contains($0.subject) }
        for consent in other.consents { _ = take(consent, at: now) }
        for id in [other.id] + other.aliases where id != self.id && !aliases.contains(id) { aliases.append(id) }
        caps.tighten(by: other.caps)
    }
}

extension RecipientCaps {
    /// Keeps the stricter value of each rule.
    mutating func tighten(by other: RecipientCaps) {
        percent = min(percent, other.percent)
        for limit in other.limits {
            if let place = limits.firstIndex(where: { $0.rule == limit.rule }) {
                limits[place].limit = min(limits[place].limit, limit.limit)
            } else {
                limits.append(limit)
            }
        }
        for pause in other.pauses {
            if let place = pauses.firstIndex(where: { $0.category == pause.category && $0.channel == pause.channel }) {
                pauses[place].until = max(pauses[place].until, pause.until)
            } else {
                pauses.append(pause)
            }
        }
    }
}
