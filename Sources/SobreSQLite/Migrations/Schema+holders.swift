import GRDB
import SobreModel
import SobreSettings

extension Schema {
    /// Who holds an address, so that a contact counts for each profile that holds the address when it is sent.
    private static let holderTables = """
        -- The profiles that hold an address now. person: the key hash of the ID.
        CREATE TABLE address_holder (
            address INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (address, person)
        ) WITHOUT ROWID;
        -- The other profiles for which an attempt counts: those that held its address when it was admitted. Few attempts
        -- have any.
        CREATE TABLE attempt_holder (
            attempt INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (attempt, person)
        ) WITHOUT ROWID;
        -- 1 when another profile may hold an address of this one. For others no decision looks for holders.
        ALTER TABLE profile ADD COLUMN shares INTEGER NOT NULL DEFAULT 0;
        """

    /// Fills the tables from the profiles. Who held an address at the time of an earlier contact is not known, so these
    /// contacts count for everybody who holds it now, as they did before.
    ///
    /// - Parameters:
    ///   - db: The database, in the transaction of the migration.
    ///   - rowsAPart: How many rows are sorted in memory at a time, at 16 bytes each.
    ///   - most: The number of profiles up to which an address is judged for all its holders.
    /// - Throws: An error of SQLite. Then nothing was changed.
    static func holders(
        _ db: Database, rowsAPart: Int = 1 << 20, most: Int = StoreLimits().maxAddressHolders
    ) throws {
        try db.execute(sql: holderTables)
        var last: Int64?
        while let part = try addresses(db, after: last, atLeast: rowsAPart) {
            let insert = try db.makeStatement(sql: "INSERT OR IGNORE INTO address_holder VALUES (?, ?)")
            for row in part.rows.sorted(by: { ($0.address, $0.person) < ($1.address, $1.person) }) {
                try insert.execute(arguments: [row.address, row.person])
            }
            last = part.last
        }
        try db.execute(
            sql: """
                UPDATE profile SET shares = 1 WHERE key IN (
                    SELECT person FROM address_holder WHERE address IN (
                        SELECT address FROM address_holder GROUP BY address HAVING count(*) > 1));
                INSERT INTO attempt_holder SELECT attempt.id, address_holder.person
                    FROM attempt CROSS JOIN address_holder ON address_holder.address = attempt.address
                    WHERE address_holder.person <> attempt.recipient
                        AND NOT EXISTS (
                            SELECT 1 FROM alias WHERE key = attempt.recipient AND person = address_holder.person)
                        AND address_holder.address IN (
                            SELECT address FROM address_holder GROUP BY address HAVING count(*) BETWEEN 2 AND \(most));
                INSERT OR IGNORE INTO person_contact SELECT attempt_holder.person, \(ContactColumns.ofAttemptWithoutPerson)
                    FROM attempt_holder CROSS JOIN attempt ON attempt.id = attempt_holder.attempt WHERE attempt.state = 1;
                PRAGMA user_version = 6;
                """)
    }

    private typealias HolderRow = (address: Int64, person: Int64)

    /// The addresses of the next profiles by key. Nil at the end.
    private static func addresses(
        _ db: Database, after last: Int64?, atLeast count: Int
    ) throws -> (rows: [HolderRow], last: Int64)? {
        guard let connection = db.sqliteConnection else { return nil }
        let profiles = try Statement(
            "SELECT \(ProfileColumns.list), key FROM profile WHERE ?1 IS NULL OR key > ?1 ORDER BY key", on: connection)
        if let last { profiles.bind(1, last) }
        defer { profiles.reset() }
        var rows: [HolderRow] = []
        var end: Int64?
        while rows.count < count, try profiles.step() {
            let key = profiles.int(9)
            for address in try ProfileColumns.read(profiles).addresses { rows.append((address.subject.stored, key)) }
            end = key
        }
        return end.map { (rows, $0) }
    }
}
