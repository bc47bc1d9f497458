import Postgres
import SobreModel

/// What a change of recipients locks: their addresses, then the buckets of everybody whom the change concerns. Decisions
/// about these people are made before the change or after it.
struct PeopleScope: Sendable {
    /// The names of recipients, and the subjects of suppressions.
    var names: Set<KeyHash>
    var addresses: Set<KeyHash>
    var buckets: Set<Int> = []

    private static let namesOfPeople = PreparedStatement(
        "scope_names",
        """
        SELECT o.person, n.key FROM alias o JOIN alias n ON n.person = o.person
        WHERE o.bucket = ANY($1) AND o.key = ANY($2) OR o.person = ANY($2)
        """)
    private static let holders = PreparedStatement(
        "scope_holders", "SELECT DISTINCT bucket FROM address_owner WHERE address = ANY($1) AND person <> 0")
    /// The row of nobody stands for the address itself, also when no profile holds it yet.
    private static let addAddresses = PreparedStatement(
        "scope_add",
        """
        INSERT INTO address_owner SELECT a, 0, b FROM unnest($1::int8[], $2::int8[]) AS t(a, b) ORDER BY a
        ON CONFLICT DO NOTHING
        """)
    private static let lockAddresses = PreparedStatement(
        "scope_addresses",
        "SELECT address FROM address_owner WHERE address = ANY($1) AND person = 0 ORDER BY address FOR UPDATE")
    private static let lockBuckets = PreparedStatement(
        "scope_buckets", "SELECT id FROM bucket WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE")

    /// - Parameters:
    ///   - names: the recipients, by any of their names.
    ///   - addresses: addresses that they hold or will hold.
    init(names: Set<KeyHash>, addresses: Set<KeyHash>) {
        self.names = names
        self.addresses = addresses
    }

    /// The names and addresses of a profile that is to be stored.
    init(of profile: Profile) {
        names = Set(([profile.id] + profile.aliases).map { KeyHash.recipient($0) })
        addresses = Set(profile.addresses.map(\.subject))
    }

    /// The scope with everything that it leads to now: the recipients' other names, their addresses, and the buckets of
    /// those and of everybody who holds one of the addresses.
    func resolved(_ connection: PostgresConnection) throws -> PeopleScope {
        var scope = self
        let given = Array(names)
        for row in try connection.query(Self.namesOfPeople, given.buckets, given.map(\.stored)) {
            scope.names.insert(KeyHash(stored: try row.int(0)))
            scope.names.insert(KeyHash(stored: try row.int(1)))
        }
        for person in try Person.find(Array(scope.names), connection) { scope.addresses.formUnion(person.addresses) }
        scope.buckets.formUnion(scope.names.map { Bucket.of($0) })
        if !scope.addresses.isEmpty {
            let rows = try connection.query(Self.holders, scope.addresses.map(\.stored))
            for row in rows { scope.buckets.insert(Int(try row.int(0))) }
        }
        return scope
    }

    /// Locks the addresses, then the buckets, each ascending, and waits until all are locked.
    func lock(_ connection: PostgresConnection) throws {
        if !addresses.isEmpty {
            let sorted = addresses.map(\.stored).sorted()
            try connection.send(Self.addAddresses, sorted, sorted.map { Bucket.of(KeyHash(stored: $0)) })
            try connection.send(Self.lockAddresses, sorted)
        }
        try connection.query(Self.lockBuckets, buckets.sorted())
    }

    func union(_ other: PeopleScope) -> PeopleScope {
        var all = self
        all.names.formUnion(other.names)
        all.addresses.formUnion(other.addresses)
        all.buckets.formUnion(other.buckets)
        return all
    }

    /// Whether locking this scope has locked another one.
    func covers(_ other: PeopleScope) -> Bool {
        names.isSuperset(of: other.names) && addresses.isSuperset(of: other.addresses)
            && buckets.isSuperset(of: other.buckets)
    }
}
