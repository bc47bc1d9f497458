import SobreModel

extension Checker {
    /// I29: a merged recipient keeps every address, the newest consents and the stricter caps of both.
    mutating func seeMerged(_ from: String, _ into: String, _ profile: Profile, at moment: Moment) {
        let (one, other) = (canonical(from), canonical(into))
        let before = [profiles[one], profiles[other]].compactMap { $0 }
        profiles[profile.id] = profile
        guard one != other else { return }
        mergedInto[one] = other
        let subjects = Set(profile.addresses.map(\.subject))
        for earlier in before {
            if !subjects.isSuperset(of: earlier.addresses.map(\.subject)) {
                broken(.mergeKeepsAll, at: moment, "\(into) has not every address of \(earlier.id)")
            }
            for consent in earlier.consents where !consent.granted && !isKept(consent, in: profile) {
                broken(.mergeKeepsAll, at: moment, "\(into) forgot that \(earlier.id) refused \(consent.category)")
            }
            if !isAsStrict(profile.caps, as: earlier.caps) {
                broken(.mergeKeepsAll, at: moment, "\(into) forgot what \(earlier.id) asked for")
            }
        }
    }

    /// The other profiles that hold one of these addresses now.
    func holders(of subjects: Set<KeyHash>, besides recipient: String) -> [Profile] {
        profiles.values.filter { profile in
            profile.id != recipient && mergedInto[profile.id] == nil
                && profile.addresses.contains { subjects.contains($0.subject) }
        }.sorted { $0.id < $1.id }
    }

    func bearer(_ profile: Profile) -> CapBearer { CapBearer(people: people(with: profile.id), wishes: profile.caps) }

    /// Whether a refusal of consent still applies or was replaced by a newer one.
    private func isKept(_ refusal: Consent, in profile: Profile) -> Bool {
        profile.consents.contains {
            $0.category == refusal.category && $0.channel == refusal.channel
                && (!$0.granted || $0.at ?? .distantPast > refusal.at ?? .distantPast)
        }
    }

    private func isAsStrict(_ wishes: RecipientCaps, as earlier: RecipientCaps) -> Bool {
        wishes.percent <= earlier.percent
            && earlier.limits.allSatisfy { limit in
                wishes.limits.contains { $0.rule == limit.rule && $0.limit <= limit.limit }
            }
            && earlier.pauses.allSatisfy { pause in
                wishes.pauses.contains {
                    $0.category == pause.category && $0.channel == pause.channel && $0.until >= pause.until
                }
            }
    }
}
