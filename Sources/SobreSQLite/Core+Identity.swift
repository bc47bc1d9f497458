import JSON
import SobreModel
import SobreStore

/// A person has one id and any number of aliases. Each alias points at the person's id itself, never at another alias, so
/// that finding a person is one look-up and a circle cannot be stored.
///
/// Contacts, suppressions and consents stay filed under the name they came under; who asks for a person asks for all
/// names (`subjects(of:)`). So a merge moves nothing of the ledger, and open attempts count at once.
extension Core {
    /// Every name under which the ledger knows a person: the id, the aliases, the addresses.
    func subjects(of recipient: String) throws(StoreError) -> [KeyHash] {
        if let person = try person(recipient) { return person.subjects }
        return try names(of: canonical(.recipient(recipient)))
    }

    /// The id's key hash of whoever has this name; the name itself when it is no alias.
    func canonical(_ name: KeyHash) throws(StoreError) -> KeyHash {
        let row = try cold("SELECT person FROM alias WHERE key = ?").bind(1, name)
        defer { row.reset() }
        return try row.step() ? row.keyHash(0) : name
    }

    /// The person's id and aliases as key hashes, the id first.
    func names(of canonical: KeyHash) throws(StoreError) -> [KeyHash] {
        [canonical] + (try aliases(of: canonical)).map(\.name)
    }

    /// The aliases, the oldest first; those of somebody who was erased have lost their words.
    func aliases(of canonical: KeyHash) throws(StoreError) -> [(name: KeyHash, id: String)] {
        var aliases: [(name: KeyHash, id: String)] = []
        let row = sql.aliases.bind(1, canonical)
        while try row.step() { aliases.append((row.keyHash(0), row.string(1))) }
        return aliases
    }

    /// The id under which a person is kept; nil when there is no profile.
    func id(of canonical: KeyHash) throws(StoreError) -> String? {
        let row = try cold("SELECT id FROM profile WHERE key = ?").bind(1, canonical)
        defer { row.reset() }
        return try row.step() ? row.string(0) : nil
    }

    func merge(_ from: String, into: String) throws(StoreError) -> Result<ProfileMerge, IdentityRefusal> {
        guard let target = try person(into) else { return .failure(.unknownProfile(into)) }
        guard let source = try person(from) else { return .failure(.unknownProfile(from)) }
        if source.subjects[0] == target.subjects[0] {
            // Asked once more it is done already; the other way round it would be a circle.
            guard from != into, source.profile.id != from else { return .failure(.samePerson(from, as: into)) }
            return .success(ProfileMerge(profile: target.profile, isNew: false))
        }
        let stored = try store(target.profile, replacing: target.profile, absorbing: [source], adding: [])
        return stored.map { ProfileMerge(profile: $0, isNew: true) }
    }

    /// Sorts the aliases that a profile names: people to be merged into it, and names that nobody has had.
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

    /// Makes a name, with all aliases that it has, one of a person's.
    func link(_ alias: String, to person: KeyHash, at now: Instant) throws(StoreError) {
        let name = KeyHash.recipient(alias)
        try cold("UPDATE alias SET person = ? WHERE person = ?").bind(1, person).bind(2, name).run()
        try cold("INSERT INTO alias VALUES (?, ?, ?, ?)").bind(1, name).bind(2, person).bind(3, alias).bind(4, now)
            .run()
    }

    /// Lets a person be read anew, under whatever name it is asked for.
    func forget(_ names: [KeyHash]) {
        for name in names { profiles.remove(name) }
    }
}

/// Two people's attributes as one object: the first's word counts, the second's fills what is missing.
func mergedAttributes(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    guard let own = try? JSONDocument.parse(first), let other = try? JSONDocument.parse(second),
        own.root.kind == .object, other.root.kind == .object, other.root.count > 0
    else { return first }
    var writer = JSONWriter()
    writer.object { writer in
        for (key, value) in own.root.members {
            writer.key(key.string ?? "")
            writer.value(value)
        }
        for (key, value) in other.root.members where own.root[key.string ?? ""] == nil {
            writer.key(key.string ?? "")
            writer.value(value)
        }
    }
    return writer.take()
}
