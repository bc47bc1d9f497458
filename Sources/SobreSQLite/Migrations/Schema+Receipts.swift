extension Schema {
    /// The tables for provider receipts. Sending a message does not touch them.
    static let receipts = """
        -- The inbox, in the order of arrival. standing: ReceiptRow.Standing. event_key: hash of the columns that identify
        -- a repeated receipt; the columns themselves are compared too.
        CREATE TABLE receipt (
            id INTEGER PRIMARY KEY, standing INTEGER NOT NULL, received_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
            note TEXT NOT NULL, event_key INTEGER NOT NULL, provider TEXT NOT NULL, event_id TEXT, delivery INTEGER,
            provider_id TEXT, kind INTEGER NOT NULL, at INTEGER NOT NULL, detail TEXT NOT NULL, signed INTEGER NOT NULL
        );
        CREATE INDEX receipt_by_event ON receipt (event_key);
        CREATE INDEX receipt_waiting ON receipt (due_at, id) WHERE standing = 0;
        CREATE INDEX receipt_by_delivery ON receipt (delivery) WHERE delivery IS NOT NULL;
        -- The earliest event of each kind of a delivery: the fold of its receipts. hour: the hour it was counted in.
        CREATE TABLE delivery_event (
            delivery INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL, detail TEXT NOT NULL, hour INTEGER,
            PRIMARY KEY (delivery, kind)
        ) WITHOUT ROWID;
        -- Counters by person (0: all people). slot: 0…8 channel and event, 16 + hour of the week.
        CREATE TABLE engagement (
            person INTEGER NOT NULL, slot INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (person, slot)
        ) WITHOUT ROWID;
        -- The hashes of providers' message ids. Filled from the log when a receipt without our reference needs them.
        CREATE TABLE provider_message (
            delivery INTEGER NOT NULL, hash INTEGER NOT NULL, PRIMARY KEY (delivery, hash)
        ) WITHOUT ROWID;
        CREATE INDEX provider_message_by_hash ON provider_message (hash);
        """
}
