import SobreModel
import SobreStore

/// The statements that are run for every message. They are prepared once.
final class HotStatements {
    let begin: Statement
    let beginReading: Statement
    let commit: Statement
    let rollback: Statement
    let setTally: Statement
    let setMeta: Statement
    let insertMessage: Statement
    let message: Statement
    let insertPersonMessages: RowGroups
    let findIdempotency: Statement
    let insertIdempotencies: RowGroups
    let insertQueue: Statement
    let deleteQueue: Statement
    /// One for each channel, so that their rows can be merged.
    let scanQueue: [Statement]
    let insertLog: Statement
    let insertAttempt: Statement
    let attempt: Statement
    let endAttempt: Statement
    let filePersonContact: Statement
    let filePersonContacts: RowGroups
    let fileAddressPerson: Statement
    let fileAddressPeople: RowGroups
    let personContacts: Statement
    let addressPeople: Statement
    let profile: Statement
    let aliases: Statement
    let suppressions: Statement
    let lastInbound: Statement

    /// Reads one partition of a section of the queue behind a key, up to an instant.
    static let scanQueue = """
        SELECT due_at, delivery, state, attempts, flags, campaign, reason FROM queue
        WHERE section = ? AND channel = ? AND rank = ? AND (due_at, delivery) > (?, ?) AND due_at <= ?
        ORDER BY due_at, delivery
        """

    init(_ connection: OpaquePointer) throws(StoreError) {
        func prepare(_ sql: String, room: Int = 0) throws(StoreError) -> Statement {
            try Statement(sql, on: connection, room: room)
        }
        func values(_ count: Int) -> String { "(" + Array(repeating: "?", count: count).joined(separator: ",") + ")" }
        begin = try prepare("BEGIN IMMEDIATE")
        beginReading = try prepare("BEGIN")
        commit = try prepare("COMMIT")
        rollback = try prepare("ROLLBACK")
        setTally = try prepare("INSERT OR REPLACE INTO tally VALUES (?, ?)")
        setMeta = try prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)")
        insertMessage = try prepare("INSERT INTO message VALUES \(values(23))", room: 4096)
        message = try prepare("SELECT \(MessageColumns.list) FROM message WHERE id = ?")
        insertPersonMessages = try RowGroups(on: connection) { "INSERT OR IGNORE INTO person_message VALUES \($0)" }
        findIdempotency = try prepare("SELECT message FROM idempotency WHERE hash = ?")
        insertIdempotencies = try RowGroups(on: connection) { "INSERT OR IGNORE INTO idempotency VALUES \($0)" }
        insertQueue = try prepare("INSERT INTO queue VALUES \(values(12))", room: 256)
        deleteQueue = try prepare(
            "DELETE FROM queue WHERE section = ? AND channel = ? AND rank = ? AND due_at = ? AND delivery = ?")
        var scans: [Statement] = []
        for _ in Channel.allCases { scans.append(try prepare(Self.scanQueue)) }
        scanQueue = scans
        insertLog = try prepare("INSERT INTO log VALUES \(values(17))", room: 4096)
        insertAttempt = try prepare("INSERT INTO attempt VALUES \(values(27))", room: 4096)
        attempt = try prepare("SELECT \(AttemptColumns.list) FROM attempt WHERE id = ?")
        endAttempt = try prepare("UPDATE attempt SET state = ?, spent_at = ?, last_entry = ? WHERE id = ?")
        // Pages of recent attempts are usually in the cache. An attempt that a receipt has released is not a contact.
        filePersonContact = try prepare(
            """
            INSERT OR IGNORE INTO person_contact SELECT ?2, \(ContactColumns.ofAttemptWithoutPerson) FROM attempt
            WHERE id = ?1 AND state = 1
            """)
        // The rows name the attempt and the person.
        filePersonContacts = try RowGroups(on: connection) { rows in
            """
            INSERT OR IGNORE INTO person_contact SELECT given.column2, \(ContactColumns.ofAttemptWithoutPerson)
            FROM (VALUES \(rows)) AS given CROSS JOIN attempt ON attempt.id = given.column1 WHERE attempt.state = 1
            """
        }
        fileAddressPerson = try prepare("INSERT OR IGNORE INTO address_person VALUES (?, ?)")
        fileAddressPeople = try RowGroups(on: connection) { "INSERT OR IGNORE INTO address_person VALUES \($0)" }
        personContacts = try prepare(
            """
            SELECT \(ContactColumns.list) FROM person_contact WHERE person = ? AND spent_at > ?
            ORDER BY spent_at, attempt
            """)
        addressPeople = try prepare("SELECT person FROM address_person WHERE address = ?")
        aliases = try prepare("SELECT key, id FROM alias WHERE person = ? ORDER BY at, key")
        profile = try prepare("SELECT \(ProfileColumns.list), shares FROM profile WHERE key = ?")
        lastInbound = try prepare("SELECT at FROM last_inbound WHERE address = ?")
        suppressions = try prepare("SELECT \(SuppressionColumns.list) FROM suppression WHERE subject = ?")
    }
}
