import GRDB
import SobreModel

@testable import SobreSQLite

/// Rewrites files as an earlier version would have written them.
enum FormerLayout {
    /// Takes back the migration by which positions in logs and rejected records are kept.
    static let withoutSources = """
        DROP TABLE source_position;
        DROP TABLE source_reject;
        DELETE FROM grdb_migrations WHERE identifier = 'sources';
        PRAGMA user_version = 14;

        """

    /// As above. Takes back the migration that keeps how far subscriptions to events have come.
    static let withoutEvents =
        withoutSources + """
            DROP TABLE event_subscription;
            DELETE FROM grdb_migrations WHERE identifier = 'events';
            PRAGMA user_version = 13;

            """

    /// As above. Takes back the migration by which deliveries are found by their state.
    static let withoutState =
        withoutEvents + """
            DROP INDEX queue_by_state;
            ALTER TABLE queue DROP COLUMN campaign;
            ALTER TABLE queue DROP COLUMN reason;
            ALTER TABLE queue DROP COLUMN since;
            DROP TABLE unsent;
            DROP TABLE audit;
            DELETE FROM grdb_migrations WHERE identifier = 'state';
            PRAGMA user_version = 12;

            """

    /// Takes back the migrations that only added to the layout.
    private static let withoutAdditions = """
        DROP TABLE last_inbound;
        DROP TABLE poll;
        DROP TABLE device;
        ALTER TABLE receipt DROP COLUMN address;
        ALTER TABLE receipt DROP COLUMN is_part;
        DROP TABLE attachment;
        DELETE FROM grdb_migrations WHERE identifier IN ('last_inbound', 'poll', 'device', 'attachments');

        """

    /// Takes back the sections of the queue, and the pauses.
    static let withoutPauses = """
        ALTER TABLE queue RENAME TO queue_after;
        CREATE TABLE queue (
            channel INTEGER NOT NULL, rank INTEGER NOT NULL, due_at INTEGER NOT NULL, delivery INTEGER NOT NULL,
            state INTEGER NOT NULL, attempts INTEGER NOT NULL, flags INTEGER NOT NULL,
            PRIMARY KEY (channel, rank, due_at, delivery)
        ) WITHOUT ROWID;
        INSERT INTO queue SELECT channel, rank, due_at, delivery, state, attempts, flags FROM queue_after;
        DROP TABLE queue_after;
        DROP TABLE pause;
        DELETE FROM grdb_migrations WHERE identifier = 'pauses';
        PRAGMA user_version = 11;

        """

    /// As above. Stores every entry of the log as a row, under the sequence number that it has, and takes back the migration that
    /// made some of them derived. The entries are stated here anew, in SQL.
    static let withoutDerivedEntries: String = {
        let perChannel = ChannelRoute.allCases.filter(\.hasDeliveryPerChannel).map { "\($0.rawValue)" }
            .joined(separator: ", ")
        let isLater = "(message.route = \(ChannelRoute.escalate.rawValue) AND slot.n > 0)"
        return withoutState + withoutPauses + withoutAdditions + """
            INSERT INTO log (seq, delivery, at, state, reason, number, channel, provider, provider_id, detail, due_at,
                possible_duplicate, policy_version, template_version, attempt, explanation)
            WITH RECURSIVE slot (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM slot WHERE n < 15)
            SELECT seq + n, id | n, accepted_at, iif(coalesce(send_at, 0) > accepted_at OR \(isLater), 1, 2), '', 0, NULL,
                NULL, NULL, '', max(coalesce(send_at, 0), accepted_at) + iif(\(isLater), 1000, 0), 0, 0, '', NULL, NULL
            FROM message JOIN slot ON n < iif(route IN (\(perChannel)), length(channels), 1) WHERE seq IS NOT NULL;
            INSERT INTO log (seq, delivery, at, state, reason, number, channel, provider, provider_id, detail, due_at,
                possible_duplicate, policy_version, template_version, attempt, explanation)
            SELECT id, delivery, opened_at, 5, '', number, channel, provider, NULL, coalesce(summary, ''), NULL,
                possible_duplicate, policy_version, template_version, id, NULL
            FROM attempt WHERE last_entry IS NOT NULL;
            DROP INDEX log_by_delivery;
            DROP INDEX attempt_by_delivery;
            ALTER TABLE log DROP COLUMN is_outcome;
            ALTER TABLE attempt DROP COLUMN last_entry;
            ALTER TABLE attempt DROP COLUMN summary;
            ALTER TABLE message DROP COLUMN seq;
            CREATE INDEX log_by_delivery ON log (delivery);
            DELETE FROM meta WHERE name IN ('entries_stored_to', 'messages_stored_to');
            DELETE FROM grdb_migrations WHERE identifier = 'derived_entries';
            PRAGMA user_version = 6;
            """
    }()

    /// As above, and takes back the migration that records who holds an address.
    static let withoutHolders =
        withoutDerivedEntries + """
            DELETE FROM person_contact WHERE EXISTS (
                SELECT 1 FROM attempt_holder h WHERE h.attempt = person_contact.attempt
                AND h.person = person_contact.person);
            DROP TABLE address_holder;
            DROP TABLE attempt_holder;
            ALTER TABLE profile DROP COLUMN shares;
            DELETE FROM grdb_migrations WHERE identifier = 'holders';
            PRAGMA user_version = 5;
            """

    /// Changes a closed store.
    static func change(_ directory: String, _ sql: String) throws {
        let file = try DatabaseQueue(path: "\(directory)/\(DataDirectory.fileName)")
        try file.inDatabase { db in try db.execute(sql: sql) }
        try file.close()
    }
}
