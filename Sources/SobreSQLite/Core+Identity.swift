import SobreModel
import SobreStore

/// A recipient has one ID and any number of aliases. Each alias points directly at the ID, never at another alias. So
/// one look-up finds the recipient, and a circle cannot be stored.
///
/// Contacts, suppressions and consents stay under the name they were stored with. Queries for a recipient cover all its
/// names (`subjects(of:)`). So a merge moves no ledger rows, and open attempts count at once.
extension Core {
    /// Every name under which the ledger knows a recipient: the ID, the aliases and the addresses.
    func subjects(of recipient: String) throws(StoreError) -> [KeyHash] {
        if let person = try person(recipient) { return person.subjects }
        return try names(of: canonical(.recipient(recipient)))
    }

    /// The key hash of the ID that this name belongs to, or the name itself when it is not an alias.
    func canonical(_ name: KeyHash) throws(StoreError) -> KeyHash {
        let row = try cold("SELECT person FROM alias WHERE key = ?").bind(1, name)
        defer { row.reset() }
        return try row.step() ? row.keyHash(0) : name
    }

    /// The key hashes of a recipient's ID and aliases, the ID first.
    func names(of canonical: KeyHash) throws(StoreError) -> [KeyHash] {
        [canonical] + (try aliases(of: canonical)).map(\.name)
    }

    /// The aliases, oldest first. The aliases of an erased recipient have an empty ID.
    func aliases(of canonical: KeyHash) throws(StoreError) -> [(name: KeyHash, id: String)] {
        var aliases: [(name: KeyHash, id: String)] = []
        let row = sql.aliases.bind(1, canonical)
        while try row.step() { aliases.append((row.keyHash(0), row.string(1))) }
        return aliases
    }

    /// The ID of a profile by its key hash. Nil when there is no profile.
    func id(of canonical: KeyHash) throws(StoreError) -> String? {
        let row = try cold("SELECT id FROM profile WHERE key = ?").bind(1, canonical)
        defer { row.reset() }
        return try row.step() ? row.string(0) : nil
    }

    func merge(_ from: String, into: String) throws(StoreError) -> Result<ProfileMerge, IdentityRefusal> {
        guard let target = try person(into) else { return .failure(.unknownProfile(into)) }
        guard let source = try person(from) else { return .failure(.unknownProfile(from)) }
        if source.subjects[0] == target.subjects[0] {
            // Repeating a merge has no effect. Merging in the other direction would be circular.
            guard from != into, source.profile.id != from else { return .failure(.samePerson(from, as: into)) }
            return .success(ProfileMerge(profile: target.profile, isNew: false))
        }
        let stored = try store(target.profile, replacing: target, absorbing: [source], adding: [])
        return stored.map { ProfileMerge(profile: $0, isNew: true) }
    }

    /// Sorts the aliases that a profile names into profiles to merge into it and names that are not in use.
    func newAliases(
        of profile: Profile, known: [String]
    ) throws(StoreError) -> Result<(people: [Person], names: [String]), IdentityRefusal> {
        let own = KeyHash.recipient(profile.id)
        var people: [Person] = []
        var names: [String] = []
        for alias in profile.aliases where alias != profile.id && !known.contains(alias) && !names.contains(alias) {
            let name = KeyHash.recipient(alias)
            let owner = try canonical(name)
            if owner == own { continue }
            guard owner == name else { return .failure(.aliasTaken(alias, by: try id(of: owner))) }
            if let person = try person(alias) {
                if !people.contains(where: { $0.subjects[0] == name }) { people.append(person) }
            } else {
                names.append(alias)
            }
        }
        return .success((people, names))
    }

    /// Makes a name and all its aliases aliases of a recipient.
    func link(_ alias: String, to person: KeyHash, at now: Instant) throws(StoreError) {
        let name = KeyHash.recipient(alias)
        try cold("UPDATE alias SET person = ? WHERE person = ?").bind(1, person).bind(2, name).run()
        try cold("INSERT INTO alias VALUES (?, ?, ?, ?)").bind(1, name).bind(2, person).bind(3, alias).bind(4, now)
            .run()
    }

    /// Removes these names from the profile cache, so that the profile is read again.
    func forget(_ names: [KeyHash]) {
        for name in names { profiles.remove(name) }
        changes.note(names)
    }
}
