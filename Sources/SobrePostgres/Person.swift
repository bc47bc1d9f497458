import Postgres
import SobreModel

/// A profile with the names under which the ledger knows it.
struct Person {
    /// With the aliases.
    var profile: Profile
    /// The key hash of the ID, then those of the aliases. There are more than the profile has aliases when some are known
    /// by their hashes only.
    var names: [KeyHash]
    /// Whether another profile may hold one of the addresses.
    var mayShare: Bool

    private static let columns = """
        \(ProfileRow.list), shares, key, ARRAY(SELECT a.key FROM alias a WHERE a.person = profile.key ORDER BY a.at, a.key),
        ARRAY(SELECT a.id FROM alias a WHERE a.person = profile.key ORDER BY a.at, a.key)
        """
    private static let byKeys = PreparedStatement(
        "person_keys", "SELECT \(columns) FROM profile WHERE bucket = ANY($1) AND key = ANY($2)")
    private static let byAlias = PreparedStatement(
        "person_alias",
        """
        SELECT \(columns) FROM profile WHERE (bucket, key) =
            (SELECT o.person_bucket, o.person FROM alias o WHERE o.bucket = $1 AND o.key = $2)
        """)
    private static let byAliases = PreparedStatement(
        "person_aliased",
        """
        SELECT \(columns) FROM profile WHERE (bucket, key) IN (
            SELECT o.person_bucket, o.person FROM alias o WHERE o.bucket = ANY($1) AND o.key = ANY($2))
        """)
    private static let nextPage = PreparedStatement(
        "person_page", "SELECT \(columns) FROM profile WHERE (bucket, key) > ($1, $2) ORDER BY bucket, key LIMIT $3")
    private static let aliases = PreparedStatement(
        "person_aliases", "SELECT key FROM alias WHERE person = $1 ORDER BY at, key")
    private static let owner = PreparedStatement(
        "person_owner", "SELECT person FROM alias WHERE bucket = $1 AND key = $2")

    var key: KeyHash { names[0] }

    var addresses: [KeyHash] { profile.addresses.map(\.subject) }

    /// The ID, each alias, each address.
    var subjects: [KeyHash] { names + addresses }

    /// The profile with this ID or alias; nil when there is none.
    static func find(_ id: String, _ connection: PostgresConnection) throws -> Person? {
        let name = KeyHash.recipient(id)
        try connection.send(byKeys, [Bucket.of(name)], [name.stored])
        try connection.send(byAlias, Bucket.of(name), name.stored)
        for result in try connection.sync().suffix(2) {
            guard let person = try result.first.map({ try read($0) }) else { continue }
            return person.profile.id == id || person.profile.aliases.contains(id) ? person : nil
        }
        return nil
    }

    /// The profiles whose IDs have these key hashes.
    static func find(_ keys: [KeyHash], _ connection: PostgresConnection) throws -> [Person] {
        if keys.isEmpty { return [] }
        let buckets = Set(keys.map { Bucket.of($0) }).sorted()
        return try connection.query(byKeys, buckets, keys.map(\.stored)).map { try read($0) }
    }

    /// The profiles that these IDs or aliases name, by the name that was given.
    static func find(named ids: Set<String>, _ connection: PostgresConnection) throws -> [String: Person] {
        try sendFind(named: Array(Set(ids.map { KeyHash.recipient($0) })), connection)
        return try read(connection.sync().suffix(2), named: ids)
    }

    /// Sends two statements that find profiles by the key hashes of IDs or aliases.
    static func sendFind(named keys: [KeyHash], _ connection: PostgresConnection) throws(PostgresError) {
        try connection.send(byKeys, keys.buckets, keys.map(\.stored))
        try connection.send(byAliases, keys.buckets, keys.map(\.stored))
    }

    /// Reads the results of these two statements.
    static func read(_ results: ArraySlice<QueryResult>, named ids: Set<String>) throws -> [String: Person] {
        var found: [String: Person] = [:]
        for row in results.joined() {
            let person = try read(row)
            for id in [person.profile.id] + person.profile.aliases where ids.contains(id) { found[id] = person }
        }
        return found
    }

    /// A page of profiles, in the order of their keys.
    static func page(after id: String?, limit: Int, _ connection: PostgresConnection) throws -> [Person] {
        let key = id.map { KeyHash.recipient($0) }
        return try connection.query(nextPage, key.map { Bucket.of($0) } ?? -1, key?.stored ?? .min, max(0, limit))
            .map { try read($0) }
    }

    private static func read(_ row: ResultRow) throws -> Person {
        var profile = try ProfileRow.read(row)
        let next = ProfileRow.count
        profile.aliases = try row.texts(next + 3).filter { !$0.isEmpty }
        let names = [try row.int(next + 1)] + (try row.ints(next + 2))
        return Person(profile: profile, names: names.map { KeyHash(stored: $0) }, mayShare: try row.bool(next))
    }

    /// The key hash of the ID that a name belongs to, or the name itself when it is not an alias.
    static func canonical(_ name: KeyHash, _ connection: PostgresConnection) throws(PostgresError) -> KeyHash {
        let row = try connection.query(owner, Bucket.of(name), name.stored).first
        guard let row else { return name }
        return KeyHash(stored: try row.int(0))
    }

    /// The key hashes of a recipient's ID and aliases, the ID first, also when the recipient was erased.
    static func names(of canonical: KeyHash, _ connection: PostgresConnection) throws -> [KeyHash] {
        [canonical] + (try connection.query(aliases, canonical.stored).map { KeyHash(stored: try $0.int(0)) })
    }

    /// All names of whoever has this name.
    static func allNames(of name: KeyHash, _ connection: PostgresConnection) throws -> [KeyHash] {
        try names(of: canonical(name, connection), connection)
    }
}

extension [KeyHash] {
    /// The buckets of the keys, ascending.
    var buckets: [Int] { Set(map { Bucket.of($0) }).sorted() }
}
