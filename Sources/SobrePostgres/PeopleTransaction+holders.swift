import Postgres
import SobreModel

/// Who holds an address. A contact through an address counts for each profile that holds it when it is sent.
extension PeopleTransaction {
    private static let add = PreparedStatement(
        "holder_add",
        "INSERT INTO address_owner SELECT a, $2, $3 FROM unnest($1::int8[]) AS t(a) ON CONFLICT DO NOTHING")
    private static let remove = PreparedStatement(
        "holder_remove", "DELETE FROM address_owner WHERE address = ANY($1) AND person = $2")
    private static let markOthers = PreparedStatement(
        "holder_others",
        """
        UPDATE profile SET shares = true FROM address_owner AS other
        WHERE other.address = ANY($1) AND other.person NOT IN (0, $2) AND profile.bucket = other.bucket
            AND profile.key = other.person AND NOT profile.shares
        """)
    private static let markOwn = PreparedStatement(
        "holder_own",
        """
        UPDATE profile SET shares = EXISTS (
            SELECT FROM address_owner AS other WHERE other.address = ANY($1) AND other.person NOT IN (0, $2))
        WHERE bucket = $3 AND key = $2
        """)

    /// Records which addresses a profile holds from now on, and that others share one of them.
    ///
    /// - Parameters:
    ///   - addresses: the profile's addresses.
    ///   - key: the key hash of the profile's ID.
    ///   - earlier: what was stored before.
    /// - Throws: `PostgresError`.
    func hold(_ addresses: [Address], of key: KeyHash, insteadOf earlier: Person?) throws {
        if let earlier, earlier.profile.addresses == addresses { return }
        let former = Set(earlier?.addresses ?? [])
        let held = Set(addresses.map(\.subject))
        try giveUp(former.subtracting(held), of: key)
        let added = held.subtracting(former).map(\.stored).sorted()
        if !added.isEmpty {
            try connection.send(Self.add, added, key.stored, Bucket.of(key))
            try connection.send(Self.markOthers, added, key.stored)
        }
        if !added.isEmpty || earlier?.mayShare == true {
            try connection.send(Self.markOwn, held.map(\.stored), key.stored, Bucket.of(key))
        }
    }

    /// Records that a profile no longer holds these addresses. Contacts that were made meanwhile still count for it.
    func giveUp(_ addresses: some Collection<KeyHash>, of key: KeyHash) throws {
        if addresses.isEmpty { return }
        try connection.send(Self.remove, addresses.map(\.stored), key.stored)
    }
}
