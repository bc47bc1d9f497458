import GRDB
import SobreStore

/// The tables, as an append-only list of migrations. The comment on each table says what its key is and why.
enum Schema {
    /// `Sobr` in ASCII: the `PRAGMA application_id` of a Sobre database.
    static let applicationID: Int32 = 0x536f_6272
    /// The newest layout that this version knows, in `PRAGMA user_version`.
    static let version: Int32 = 15

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: first)
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        }
        migrator.registerMigration("identity") { db in try db.execute(sql: identity) }
        migrator.registerMigration("receipts") { db in try db.execute(sql: receipts) }
        // Replaced by `meta.open_from`, a lower bound for the IDs of open attempts.
        migrator.registerMigration("open_from") { db in try db.execute(sql: "DROP INDEX attempt_open") }
        migrator.registerMigration("admission") { db in try db.execute(sql: admission) }
        migrator.registerMigration("suppression_log") { db in try db.execute(sql: suppressionLog) }
        migrator.registerMigration("ledger") { db in try ledger(db) }
        migrator.registerMigration("channels") { db in try channels(db) }
        migrator.registerMigration("attempt_owner") { db in try db.execute(sql: attemptOwner) }
        migrator.registerMigration("inbound") { db in try db.execute(sql: inbound) }
        migrator.registerMigration("holders") { db in try holders(db) }
        migrator.registerMigration("derived_entries") { db in try db.execute(sql: derivedEntries) }
        migrator.registerMigration("last_inbound") { db in try db.execute(sql: lastInbound) }
        migrator.registerMigration("poll") { db in try db.execute(sql: poll) }
        migrator.registerMigration("device") { db in try db.execute(sql: device) }
        migrator.registerMigration("attachments") { db in try db.execute(sql: attachments) }
        migrator.registerMigration("pauses") { db in try db.execute(sql: pauses) }
        migrator.registerMigration("state") { db in
            try state(db)
            try db.execute(sql: audit)
        }
        migrator.registerMigration("events") { db in try db.execute(sql: events) }
        migrator.registerMigration("sources") { db in try db.execute(sql: sources) }
        return migrator
    }

    /// Rows with increasing keys (`message`, `log`, `attempt`) are appended. `queue` is consumed from its head. The
    /// ledgers (see `Schema+ledger`), `idempotency` and `person_message` have random keys, so their rows are written
    /// later, sorted.
    private static let first = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE tally (state INTEGER PRIMARY KEY, deliveries INTEGER NOT NULL);

        CREATE TABLE message (
            id INTEGER PRIMARY KEY, accepted_at INTEGER NOT NULL, recipient TEXT NOT NULL,
            recipient_key INTEGER NOT NULL, template TEXT NOT NULL, campaign TEXT, journey TEXT,
            category TEXT NOT NULL, topic TEXT, tags TEXT, channels INTEGER NOT NULL, route INTEGER NOT NULL,
            priority INTEGER NOT NULL, send_at INTEGER, expires_at INTEGER, dedup_key TEXT, idempotency_key TEXT,
            idempotency_hash INTEGER, request_hash INTEGER NOT NULL, cancelled_at INTEGER, data BLOB NOT NULL
        );
        -- A person's messages, for timelines.
        CREATE TABLE person_message (
            person INTEGER NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (person, message)
        ) WITHOUT ROWID;
        -- Equal hashes alone do not make a replay: the key is compared with that of the message.
        CREATE TABLE idempotency (
            hash INTEGER NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (hash, message)
        ) WITHOUT ROWID;

        -- Waiting deliveries only, in the order in which they are claimed. rank = 3 - priority.
        CREATE TABLE queue (
            channel INTEGER NOT NULL, rank INTEGER NOT NULL, due_at INTEGER NOT NULL, delivery INTEGER NOT NULL,
            state INTEGER NOT NULL, attempts INTEGER NOT NULL, flags INTEGER NOT NULL,
            PRIMARY KEY (channel, rank, due_at, delivery)
        ) WITHOUT ROWID;

        -- The ledger: attempts that may reach a provider. state: 0 reserved, 1 committed, 2 released.
        -- spent_at is opened_at while the row is reserved, so that an update does not change the row's size.
        CREATE TABLE attempt (
            id INTEGER PRIMARY KEY, delivery INTEGER NOT NULL, number INTEGER NOT NULL, channel INTEGER NOT NULL,
            provider TEXT NOT NULL, opened_at INTEGER NOT NULL, deadline INTEGER NOT NULL, state INTEGER NOT NULL,
            spent_at INTEGER NOT NULL, recipient INTEGER NOT NULL, address INTEGER NOT NULL,
            category INTEGER NOT NULL, campaign INTEGER NOT NULL, journey INTEGER NOT NULL, topic INTEGER NOT NULL,
            template INTEGER NOT NULL, tags BLOB, counts INTEGER NOT NULL, dedup INTEGER NOT NULL,
            fingerprint INTEGER NOT NULL, possible_duplicate INTEGER NOT NULL, policy_version INTEGER NOT NULL,
            template_version TEXT NOT NULL
        );
        CREATE INDEX attempt_open ON attempt (id) WHERE state = 0;
        -- Committed attempts by recipient and by address.
        CREATE TABLE contact (
            subject INTEGER NOT NULL, spent_at INTEGER NOT NULL, attempt INTEGER NOT NULL,
            PRIMARY KEY (subject, spent_at, attempt)
        ) WITHOUT ROWID;

        CREATE TABLE log (
            seq INTEGER PRIMARY KEY, delivery INTEGER NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL,
            reason TEXT NOT NULL, number INTEGER NOT NULL, channel INTEGER, provider TEXT, provider_id TEXT,
            detail TEXT NOT NULL, due_at INTEGER, possible_duplicate INTEGER NOT NULL,
            policy_version INTEGER NOT NULL, template_version TEXT NOT NULL, attempt INTEGER, explanation BLOB
        );
        CREATE INDEX log_by_delivery ON log (delivery);

        CREATE TABLE profile (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL, revision INTEGER NOT NULL, locale TEXT, timezone TEXT,
            country TEXT, addresses TEXT NOT NULL, consents TEXT NOT NULL, attributes BLOB NOT NULL
        );
        -- channel 0 and category '' mean all.
        CREATE TABLE suppression (
            subject INTEGER NOT NULL, channel INTEGER NOT NULL, category TEXT NOT NULL, label TEXT NOT NULL,
            reason TEXT NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (subject, channel, category)
        ) WITHOUT ROWID;
        CREATE INDEX suppression_by_time ON suppression (at);
        CREATE TABLE policy (version INTEGER PRIMARY KEY, text TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE TABLE api_key (
            id TEXT PRIMARY KEY, label TEXT NOT NULL, hash BLOB NOT NULL, scopes TEXT NOT NULL,
            created_at INTEGER NOT NULL, expires_at INTEGER
        ) WITHOUT ROWID;
        """
}
