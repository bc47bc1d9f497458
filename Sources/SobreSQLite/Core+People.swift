import SobreModel
import SobreSettings
import SobreStore
import SobreStoreColumns

extension Core {
    func put(_ changed: [Profile]) throws(StoreError) -> [Result<String, IdentityRefusal>] {
        var results: [Result<String, IdentityRefusal>] = []
        results.reserveCapacity(changed.count)
        for profile in changed { results.append(try put(profile)) }
        return results
    }

    private func put(_ profile: Profile) throws(StoreError) -> Result<String, IdentityRefusal> {
        let earlier = try person(profile.id)
        if earlier == nil || earlier?.profile.id != profile.id {
            let key = KeyHash.recipient(profile.id)
            let owner = try canonical(key)
            if owner != key { return .failure(.isAlias(profile.id, of: try id(of: owner))) }
        }
        switch try newAliases(of: profile, known: earlier?.profile.aliases ?? []) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let added):
            let stored = try store(profile, replacing: earlier, absorbing: added.people, adding: added.names)
            if case .success(let profile) = stored {
                try register(devicesOf: profile, insteadOf: earlier?.profile, isWhole: true)
            }
            return stored.map(\.id)
        }
    }

    func change<Refusal: Error>(
        _ id: String, by change: (Profile) -> Result<Profile, Refusal>
    ) throws(StoreError) -> ProfileChange<Refusal> {
        guard let person = try person(id) else { return .unknown }
        let earlier = person.profile
        var profile: Profile
        switch change(earlier) {
        case .failure(let refusal): return .refused(refusal)
        case .success(let changed): profile = changed
        }
        profile.id = earlier.id
        switch try newAliases(of: profile, known: earlier.aliases) {
        case .failure(let refusal): return .conflict(refusal)
        case .success(let added):
            let stored = try store(profile, replacing: person, absorbing: added.people, adding: added.names)
            switch stored {
            case .failure(let refusal): return .conflict(refusal)
            case .success(let profile):
                try register(devicesOf: profile, insteadOf: earlier, isWhole: false)
                return .changed(profile)
            }
        }
    }

    /// Stores one profile and merges the given profiles and names into it. Checks the limits before it changes
    /// anything.
    func store(
        _ given: Profile, replacing person: Person?, absorbing people: [Person], adding names: [String]
    ) throws(StoreError) -> Result<Profile, IdentityRefusal> {
        let now = now()
        let earlier = person?.profile
        let replacement = ProfileReplacement(
            given, replacing: earlier, absorbing: people.map(\.profile), adding: names, at: now)
        var profile = replacement.profile
        let intake = configuration.intake
        let refusal = profile.refusal(
            merges: !people.isEmpty, maxAliases: intake.maxAliases, maxConsents: intake.maxConsents,
            maxAddresses: intake.maxAddresses)
        if let refusal { return .failure(refusal) }

        let key = KeyHash.recipient(profile.id)
        let subjects = try self.names(of: key) + people.flatMap(\.subjects) + profile.addresses.map(\.subject)
        try note(replacement.stated, of: profile, besides: earlier?.consents ?? [], subjects: subjects, at: now)
        profile.consents = profile.consents.map(\.withoutEvidence)
        for other in people {
            try cold("DELETE FROM profile WHERE key = ?").bind(1, other.subjects[0]).run()
            try giveUp(other.subjects.dropFirst(other.names), of: other.subjects[0])
            try moveEngagement(from: other.subjects[0], to: key)
        }
        for id in people.map(\.profile.id) + names { try link(id, to: key, at: now) }
        let row = try cold(ProfileColumns.upsert)
        ProfileColumns.bind(profile, to: row)
        try row.run()
        try hold(profile.addresses, of: key, insteadOf: person)
        forget(try self.names(of: key))
        return .success(profile)
    }
}
