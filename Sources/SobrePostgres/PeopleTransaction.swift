import Postgres
import SobreModel
import SobreSettings
import SobreStore
import SobreStoreColumns

/// Changes recipients within a transaction that holds the locks of its ``PeopleScope``.
final class PeopleTransaction {
    let connection: PostgresConnection
    /// The store's time, read after the locks were taken.
    let now: Instant
    let configuration: PostgresStoreConfiguration
    private let scope: PeopleScope
    /// The names, subjects and messages about which something was changed.
    private(set) var changed: Set<KeyHash> = []
    /// How many entries were added to the consent history.
    var recordedConsents = 0

    init(
        _ connection: PostgresConnection, scope: PeopleScope, now: Instant, configuration: PostgresStoreConfiguration
    ) {
        self.connection = connection
        self.scope = scope
        self.now = now
        self.configuration = configuration
    }

    /// A change concerns people who are not locked. Nothing was written yet.
    struct ScopeTooSmall: Error {
        var needed: PeopleScope
    }

    /// - Parameter profile: about to be stored.
    /// - Throws: ``ScopeTooSmall`` when its names and addresses are not locked.
    private func requireScope(of profile: Profile) throws {
        let needed = PeopleScope(of: profile)
        guard scope.covers(needed) else { throw ScopeTooSmall(needed: needed) }
    }

    func note(_ keys: some Sequence<KeyHash>) { changed.formUnion(keys) }

    func names(of key: KeyHash) throws -> [KeyHash] { try Person.names(of: key, connection) }

    // MARK: Profiles

    func put(_ profile: Profile) throws -> Result<String, IdentityRefusal> {
        let earlier = try Person.find(profile.id, connection)
        if earlier == nil || earlier?.profile.id != profile.id {
            let key = KeyHash.recipient(profile.id)
            let owner = try Person.canonical(key, connection)
            if owner != key { return .failure(.isAlias(profile.id, of: try id(of: owner))) }
        }
        let stored = try store(profile, replacing: earlier)
        if case .success(let profile) = stored {
            try register(devicesOf: profile, insteadOf: earlier?.profile, isWhole: true)
        }
        return stored.map(\.id)
    }

    func change<Refusal: Error>(
        _ id: String, by change: (Profile) -> Result<Profile, Refusal>
    ) throws -> ProfileChange<Refusal> {
        guard let person = try Person.find(id, connection) else { return .unknown }
        var profile: Profile
        switch change(person.profile) {
        case .failure(let refusal): return .refused(refusal)
        case .success(let changed): profile = changed
        }
        profile.id = person.profile.id
        try requireScope(of: profile)
        switch try store(profile, replacing: person) {
        case .failure(let refusal): return .conflict(refusal)
        case .success(let profile):
            try register(devicesOf: profile, insteadOf: person.profile, isWhole: false)
            return .changed(profile)
        }
    }

    func merge(_ from: String, into: String) throws -> Result<ProfileMerge, IdentityRefusal> {
        guard let target = try Person.find(into, connection) else { return .failure(.unknownProfile(into)) }
        guard let source = try Person.find(from, connection) else { return .failure(.unknownProfile(from)) }
        if source.key == target.key {
            // Repeating a merge has no effect. Merging in the other direction would be circular.
            guard from != into, source.profile.id != from else { return .failure(.samePerson(from, as: into)) }
            return .success(ProfileMerge(profile: target.profile, isNew: false))
        }
        let stored = try store(target.profile, replacing: target, absorbing: [source], adding: [])
        return stored.map { ProfileMerge(profile: $0, isNew: true) }
    }

    private func store(_ profile: Profile, replacing earlier: Person?) throws -> Result<Profile, IdentityRefusal> {
        switch try newAliases(of: profile, known: earlier?.profile.aliases ?? []) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let added):
            return try store(profile, replacing: earlier, absorbing: added.people, adding: added.names)
        }
    }

    /// Stores one profile and merges the given profiles and names into it. Checks the limits before it changes
    /// anything.
    private func store(
        _ given: Profile, replacing person: Person?, absorbing people: [Person], adding names: [String]
    ) throws -> Result<Profile, IdentityRefusal> {
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
        try note(replacement.stated, of: profile, besides: earlier?.consents ?? [], subjects: subjects)
        profile.consents = profile.consents.map(\.withoutEvidence)
        for other in people { try absorb(other, into: key) }
        for id in people.map(\.profile.id) + names { try link(id, to: key) }
        try ProfileRow.send(profile, connection)
        try hold(profile.addresses, of: key, insteadOf: person)
        note(try self.names(of: key))
        return .success(profile)
    }
}
