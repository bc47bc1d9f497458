import Postgres
import SobreModel
import SobreStore

/// A recipient has one ID and any number of aliases. Each alias points directly at the ID, never at another alias.
///
/// Contacts, suppressions and consents stay under the name they were stored with, and in the bucket of that name. So a
/// merge moves no ledger rows.
extension PeopleTransaction {
    private static let id = PreparedStatement("people_id", "SELECT id FROM profile WHERE bucket = $1 AND key = $2")
    private static let deleteProfile = PreparedStatement(
        "people_delete", "DELETE FROM profile WHERE bucket = $1 AND key = $2")
    private static let moveAliases = PreparedStatement(
        "people_move", "UPDATE alias SET person = $1, person_bucket = $2 WHERE person = $3")
    private static let addAlias = PreparedStatement(
        "people_alias", "INSERT INTO alias (bucket, key, person, person_bucket, id, at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    private static let moveEngagement = PreparedStatement(
        "people_engagement",
        """
        WITH gone AS (DELETE FROM engagement WHERE bucket = $1 AND person = $2 RETURNING slot, count)
        INSERT INTO engagement SELECT $3, $4, slot, count FROM gone
        ON CONFLICT (bucket, person, slot) DO UPDATE SET count = engagement.count + excluded.count
        """)
    private static let registerDevices = PreparedStatement(
        "people_devices",
        """
        INSERT INTO device SELECT b, a, $3 FROM unnest($1::int8[], $2::int8[]) AS t(b, a)
        ON CONFLICT (bucket, address) DO UPDATE SET registered_at = excluded.registered_at
        """)
    private static let forgetDevices = PreparedStatement(
        "people_no_devices", "DELETE FROM device WHERE bucket = ANY($1) AND address = ANY($2)")

    /// The ID of a profile by its key hash. Nil when there is no profile.
    func id(of canonical: KeyHash) throws -> String? {
        try connection.query(Self.id, Bucket.of(canonical), canonical.stored).first?.text(0)
    }

    /// Sorts the aliases that a profile names into profiles to merge into it and names that are not in use.
    func newAliases(
        of profile: Profile, known: [String]
    ) throws -> Result<(people: [Person], names: [String]), IdentityRefusal> {
        let own = KeyHash.recipient(profile.id)
        var people: [Person] = []
        var names: [String] = []
        for alias in profile.aliases where alias != profile.id && !known.contains(alias) && !names.contains(alias) {
            let name = KeyHash.recipient(alias)
            let owner = try Person.canonical(name, connection)
            if owner == own { continue }
            guard owner == name else { return .failure(.aliasTaken(alias, by: try id(of: owner))) }
            if let person = try Person.find(alias, connection) {
                if !people.contains(where: { $0.key == name }) { people.append(person) }
            } else {
                names.append(alias)
            }
        }
        return .success((people, names))
    }

    /// Removes a profile whose fields another one has taken over.
    func absorb(_ other: Person, into key: KeyHash) throws {
        try delete(profile: other.key)
        try giveUp(other.addresses, of: other.key)
        try connection.send(
            Self.moveEngagement, Bucket.of(other.key), other.key.stored, Bucket.of(key), key.stored)
    }

    func delete(profile key: KeyHash) throws {
        try connection.send(Self.deleteProfile, Bucket.of(key), key.stored)
    }

    /// Makes a name and all its aliases aliases of a recipient.
    func link(_ alias: String, to person: KeyHash) throws {
        let name = KeyHash.recipient(alias)
        try connection.send(Self.moveAliases, person.stored, Bucket.of(person), name.stored)
        try connection.send(
            Self.addAlias, Bucket.of(name), name.stored, person.stored, Bucket.of(person), alias, now.milliseconds)
    }

    // MARK: Devices

    /// Notes that a recipient's devices are registered now, and forgets those that the profile has no more.
    ///
    /// - Parameters:
    ///   - profile: as it was stored.
    ///   - earlier: as it was before; nil: there was none.
    ///   - isWhole: whether the whole profile was given, and not a change of it. Then all of its devices are registered,
    ///     and not only those that are new.
    /// - Throws: `PostgresError`.
    func register(devicesOf profile: Profile, insteadOf earlier: Profile?, isWhole: Bool) throws {
        let before = Self.devices(of: earlier)
        let after = Self.devices(of: profile)
        let registered = isWhole ? after : after.subtracting(before)
        if !registered.isEmpty {
            let sorted = registered.sorted()
            try connection.send(
                Self.registerDevices, sorted.map { Bucket.of($0) }, sorted.map(\.stored), now.milliseconds)
        }
        try forget(devices: Array(before.subtracting(after)))
    }

    func forget(devices: [KeyHash]) throws {
        if devices.isEmpty { return }
        try connection.send(Self.forgetDevices, devices.buckets, devices.map(\.stored))
    }

    private static func devices(of profile: Profile?) -> Set<KeyHash> {
        Set(profile?.addresses.filter(\.channel.reachesEveryAddress).map(\.subject) ?? [])
    }
}
