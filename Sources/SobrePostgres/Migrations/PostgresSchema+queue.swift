import SobreModel

extension PostgresSchema {
    /// What claims, views of the queue, subscriptions to events and sources need besides the first tables.
    static let queue = """
        -- What pauses hold, by section: those that no pause has are claimed again.
        CREATE INDEX queue_paused ON queue (section) WHERE section > 0;
        -- The deliveries that pass through at full speed are queued, and left out.
        CREATE INDEX queue_by_state ON queue (state, campaign, reason, channel, since, delivery)
            WHERE state <> \(DeliveryState.queued.rawValue);
        -- One row: the number of the newest change of pauses, which a decision compares.
        CREATE TABLE pause_change (id integer PRIMARY KEY CHECK (id = 1), number bigint NOT NULL);
        INSERT INTO pause_change VALUES (1, 0);
        -- By the number of the attempt alone, for the contacts that count for several profiles.
        CREATE INDEX attempt_by_id ON attempt (bucket, id);
        -- position: all up to this number of the log is done. last_event: that of the last event delivered.
        CREATE TABLE event_subscription (
            name text PRIMARY KEY, position bigint, last_event bigint, generation bigint NOT NULL,
            delivered bigint NOT NULL, delivered_at bigint, failing_since bigint, tries integer NOT NULL,
            error text NOT NULL, error_at bigint, paused_since bigint, paused_by text NOT NULL, reason text NOT NULL
        );
        -- Where reading goes on in each partition of a log, and the records that could not become messages.
        CREATE TABLE source_position (
            source text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next bigint NOT NULL,
            PRIMARY KEY (source, topic, partition)
        );
        CREATE TABLE source_reject (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL, topic text NOT NULL,
            partition integer NOT NULL, position bigint NOT NULL, at bigint NOT NULL, code text NOT NULL,
            problem text NOT NULL, recipient bigint, size bigint NOT NULL, record bytea NOT NULL
        );
        CREATE UNIQUE INDEX source_reject_by_place ON source_reject (source, topic, partition, position);
        CREATE INDEX source_reject_by_recipient ON source_reject (recipient) WHERE recipient IS NOT NULL;
        """
}
