extension PostgresSchema {
    /// The tables of decisions: what one bucket's lock protects. Instants are milliseconds since 1970, texts that are
    /// only compared are key hashes. Each key begins with the bucket, by which a sharded database is distributed.
    ///
    /// `message`, `log` and `attempt` are partitioned by time, so that removing old rows is dropping a partition. Rows for
    /// which no partition was made are in the default one.
    static let decisions = """
        -- The lock, the lease and the barrier. The row is locked by each decision and changed only when it changes hands.
        CREATE TABLE bucket (
            id integer PRIMARY KEY, node bigint NOT NULL DEFAULT 0, epoch bigint NOT NULL DEFAULT 0,
            lease_until bigint NOT NULL DEFAULT 0
        );
        INSERT INTO bucket (id) SELECT generate_series(0, \(Bucket.count - 1));
        -- One row. "offset" is added to the server's clock; nothing is stamped before high_water.
        CREATE TABLE clock (
            id integer PRIMARY KEY CHECK (id = 1), server text NOT NULL, "offset" bigint NOT NULL,
            high_water bigint NOT NULL
        );
        -- Never used twice; see NodeIncarnation.
        CREATE SEQUENCE incarnation;
        -- Under a bucket's lock the numbers of its entries grow in the order of their commits.
        CREATE SEQUENCE log_id;

        -- The lowest 21 bits of an id: 8 of a sequence, 9 of the bucket, 4 of the slot. channels: a byte each, in order.
        CREATE TABLE message (
            bucket integer NOT NULL, id bigint NOT NULL, accepted_at bigint NOT NULL, recipient text NOT NULL,
            recipient_key bigint NOT NULL, template text NOT NULL, campaign text, journey text,
            category text NOT NULL, topic text, tags text, channels bytea NOT NULL, route smallint NOT NULL,
            priority smallint NOT NULL, send_at bigint, expires_at bigint, dedup_key text, idempotency_key text,
            idempotency_hash bigint, request_hash bigint NOT NULL, cancelled_at bigint, options text,
            data bytea NOT NULL, PRIMARY KEY (bucket, id)
        ) PARTITION BY RANGE (id);
        CREATE TABLE message_default PARTITION OF message DEFAULT;
        CREATE INDEX message_by_recipient ON message (bucket, recipient_key, id);
        CREATE TABLE attachment (
            bucket integer NOT NULL, message bigint NOT NULL, number integer NOT NULL, content bytea NOT NULL,
            PRIMARY KEY (bucket, message, number)
        );
        -- key: '' once the recipient is erased. Equal hashes alone do not make a replay.
        CREATE TABLE idempotency (
            hash bigint NOT NULL, key text NOT NULL, request_hash bigint NOT NULL, message bigint NOT NULL,
            PRIMARY KEY (hash, key)
        );
        CREATE INDEX idempotency_by_message ON idempotency (message);

        -- Waiting deliveries only. rank = 3 - priority. section: the pause that holds it, 0 for none. wake_at: when it is
        -- offered all the same. campaign: key hash, 0 for none. reason and since: of the newest log entry.
        CREATE TABLE queue (
            bucket integer NOT NULL, section bigint NOT NULL, channel smallint NOT NULL, rank smallint NOT NULL,
            due_at bigint NOT NULL, delivery bigint NOT NULL, person bigint NOT NULL, state smallint NOT NULL,
            attempts integer NOT NULL, flags bigint NOT NULL, wake_at bigint, campaign bigint NOT NULL,
            reason text NOT NULL, since bigint NOT NULL,
            PRIMARY KEY (bucket, section, channel, rank, due_at, delivery)
        );
        CREATE INDEX queue_by_delivery ON queue (bucket, delivery);
        CREATE INDEX queue_woken ON queue (bucket, wake_at) WHERE wake_at IS NOT NULL;
        -- Deliveries that ended and are not known to have been sent.
        CREATE TABLE unsent (
            bucket integer NOT NULL, state smallint NOT NULL, campaign bigint NOT NULL, reason text NOT NULL,
            channel smallint NOT NULL, since bigint NOT NULL, delivery bigint NOT NULL,
            PRIMARY KEY (bucket, state, campaign, reason, channel, since, delivery)
        );
        -- Deliveries that ended, by state and bucket, summed when they are read. The queue and the open attempts count the
        -- others, so that accepting a message changes no counter.
        CREATE TABLE tally (
            bucket integer NOT NULL, state smallint NOT NULL, deliveries bigint NOT NULL, PRIMARY KEY (bucket, state)
        ) WITH (fillfactor = 50);

        -- The ledger, one table. state: 0 reserved, 1 committed, 2 released. at is opened_at, or spent_at when that is more
        -- than an hour later, so that recording an outcome changes no index.
        CREATE TABLE attempt (
            bucket integer NOT NULL, at bigint NOT NULL, id bigint NOT NULL, delivery bigint NOT NULL,
            number integer NOT NULL, channel smallint NOT NULL, provider text NOT NULL, opened_at bigint NOT NULL,
            deadline bigint NOT NULL, state smallint NOT NULL, spent_at bigint NOT NULL, person bigint NOT NULL,
            address bigint NOT NULL, category bigint NOT NULL, campaign bigint NOT NULL, journey bigint NOT NULL,
            topic bigint NOT NULL, template bigint NOT NULL, tags bytea, counts bigint NOT NULL, dedup bigint NOT NULL,
            fingerprint bigint NOT NULL, tenant bigint NOT NULL, possible_duplicate boolean NOT NULL,
            policy_version bigint NOT NULL, template_version text NOT NULL, owner bigint NOT NULL, summary text,
            PRIMARY KEY (bucket, at, id)
        ) PARTITION BY RANGE (at);
        CREATE TABLE attempt_default PARTITION OF attempt DEFAULT WITH (fillfactor = 85);
        CREATE INDEX attempt_by_person ON attempt (bucket, person, at);
        CREATE INDEX attempt_by_delivery ON attempt (bucket, delivery);
        -- Not on state, so that the end of an attempt stays a change without an index where it can.
        CREATE INDEX attempt_open ON attempt (deadline) WHERE state = 0;
        -- The other profiles for which an attempt counts. With the bucket of the attempt.
        CREATE TABLE attempt_holder (
            bucket integer NOT NULL, attempt bigint NOT NULL, person bigint NOT NULL,
            PRIMARY KEY (bucket, attempt, person)
        );
        CREATE INDEX attempt_holder_by_person ON attempt_holder (person);

        CREATE TABLE log (
            bucket integer NOT NULL, at bigint NOT NULL, id bigint NOT NULL DEFAULT nextval('log_id'),
            delivery bigint NOT NULL, state smallint NOT NULL, reason text NOT NULL, number integer NOT NULL,
            channel smallint, provider text, provider_id text, detail text NOT NULL, due_at bigint,
            possible_duplicate boolean NOT NULL, policy_version bigint NOT NULL, template_version text NOT NULL,
            attempt bigint, explanation bytea, PRIMARY KEY (bucket, at, id)
        ) PARTITION BY RANGE (at);
        CREATE TABLE log_default PARTITION OF log DEFAULT;
        CREATE INDEX log_by_delivery ON log (bucket, delivery, id);
        CREATE INDEX log_in_order ON log (id);
        """

    /// People, receipts, pauses, the audit trail and what belongs to the whole database.
    static let records = """
        -- key: hash of the id. shares: another profile may hold one of its addresses.
        CREATE TABLE profile (
            bucket integer NOT NULL, key bigint NOT NULL, id text NOT NULL, revision bigint NOT NULL, locale text,
            timezone text, country text, addresses text NOT NULL, consents text NOT NULL, attributes bytea NOT NULL,
            caps text, former_zones text, shares boolean NOT NULL DEFAULT false, PRIMARY KEY (bucket, key)
        );
        -- An alias has the bucket of its own hash, and names the person with that person's bucket.
        CREATE TABLE alias (
            bucket integer NOT NULL, key bigint NOT NULL, person bigint NOT NULL, person_bucket integer NOT NULL,
            id text NOT NULL, at bigint NOT NULL, PRIMARY KEY (bucket, key)
        );
        CREATE INDEX alias_by_person ON alias (person);
        -- Locked before the buckets of its people, each in ascending order.
        CREATE TABLE address_owner (
            address bigint NOT NULL, person bigint NOT NULL, bucket integer NOT NULL, PRIMARY KEY (address, person)
        );
        -- Everybody who was ever reached at an address.
        CREATE TABLE address_person (
            address bigint NOT NULL, person bigint NOT NULL, bucket integer NOT NULL, PRIMARY KEY (address, person)
        );
        -- Append-only. channel 0 means all.
        CREATE TABLE consent_log (
            bucket integer NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, person bigint NOT NULL,
            recipient text NOT NULL, category text NOT NULL, channel smallint NOT NULL, granted boolean NOT NULL,
            at bigint, source text, evidence text, recorded_at bigint NOT NULL, PRIMARY KEY (bucket, id)
        );
        CREATE INDEX consent_log_by_person ON consent_log (bucket, person);
        -- channel 0 and category '' mean all. subject: a person or an address.
        CREATE TABLE suppression (
            bucket integer NOT NULL, subject bigint NOT NULL, channel smallint NOT NULL, category text NOT NULL,
            reason text NOT NULL, label text NOT NULL, source text NOT NULL, at bigint NOT NULL, evidence text,
            PRIMARY KEY (bucket, subject, channel, category, reason)
        );
        CREATE INDEX suppression_by_time ON suppression (at);
        CREATE TABLE suppression_log (
            bucket integer NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, subject bigint NOT NULL,
            channel smallint NOT NULL, category text NOT NULL, reason text NOT NULL, label text NOT NULL,
            source text NOT NULL, at bigint NOT NULL, evidence text, is_lifted boolean NOT NULL,
            recorded_at bigint NOT NULL, PRIMARY KEY (bucket, id)
        );
        CREATE INDEX suppression_log_by_subject ON suppression_log (bucket, subject);
        CREATE TABLE device (
            bucket integer NOT NULL, address bigint NOT NULL, registered_at bigint NOT NULL,
            PRIMARY KEY (bucket, address)
        );
        CREATE TABLE last_inbound (
            bucket integer NOT NULL, address bigint NOT NULL, at bigint NOT NULL, PRIMARY KEY (bucket, address)
        );
        CREATE INDEX last_inbound_by_time ON last_inbound (at);
        -- Messages of recipients that were not understood.
        CREATE TABLE inbound (
            bucket integer NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, received_at bigint NOT NULL,
            channel smallint NOT NULL, sender bigint NOT NULL, label text NOT NULL, provider text, words text NOT NULL,
            PRIMARY KEY (bucket, id)
        );
        CREATE INDEX inbound_by_sender ON inbound (bucket, sender);

        -- The inbox of receipts, in the order of arrival. bucket: of the delivery, or of the event where there is none.
        CREATE TABLE receipt (
            bucket integer NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, standing smallint NOT NULL,
            received_at bigint NOT NULL, due_at bigint NOT NULL, note text NOT NULL, event_key bigint NOT NULL,
            provider text NOT NULL, event_id text, delivery bigint, provider_id text, kind smallint NOT NULL,
            at bigint NOT NULL, detail text NOT NULL, signed boolean NOT NULL, address bigint,
            is_part boolean NOT NULL DEFAULT false, PRIMARY KEY (bucket, id)
        );
        CREATE INDEX receipt_by_event ON receipt (bucket, event_key);
        CREATE INDEX receipt_waiting ON receipt (due_at, id) WHERE standing = 0;
        CREATE INDEX receipt_by_delivery ON receipt (bucket, delivery) WHERE delivery IS NOT NULL;
        CREATE TABLE delivery_event (
            bucket integer NOT NULL, delivery bigint NOT NULL, kind smallint NOT NULL, at bigint NOT NULL,
            detail text NOT NULL, hour smallint, PRIMARY KEY (bucket, delivery, kind)
        );
        -- person 0: all people of the bucket.
        CREATE TABLE engagement (
            bucket integer NOT NULL, person bigint NOT NULL, slot integer NOT NULL, count bigint NOT NULL,
            PRIMARY KEY (bucket, person, slot)
        );
        CREATE TABLE provider_message (
            hash bigint NOT NULL, bucket integer NOT NULL, delivery bigint NOT NULL, PRIMARY KEY (hash, delivery)
        );
        CREATE TABLE poll (
            bucket integer NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, provider text NOT NULL,
            provider_id text NOT NULL, delivery bigint NOT NULL, address bigint NOT NULL, is_part boolean NOT NULL,
            since bigint NOT NULL, due_at bigint NOT NULL, tries integer NOT NULL, PRIMARY KEY (bucket, id)
        );
        CREATE INDEX poll_by_time ON poll (due_at, id);
        CREATE INDEX poll_by_delivery ON poll (bucket, delivery);

        -- Columns of NULL match everything. section is where the queue keeps what the pause holds.
        CREATE TABLE pause (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, section bigint NOT NULL, since bigint NOT NULL,
            until bigint, reason text NOT NULL, ordered_by text NOT NULL, campaign text, category text,
            channel smallint, journey text, provider text, template text, tenant text
        );
        -- Append-only, apart from erasures.
        CREATE TABLE audit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, author text NOT NULL,
            note text NOT NULL, action text NOT NULL, subject text NOT NULL, subject_key bigint, detail text NOT NULL
        );
        CREATE INDEX audit_by_subject ON audit (subject_key) WHERE subject_key IS NOT NULL;
        CREATE TABLE policy (version bigint PRIMARY KEY, text text NOT NULL, at bigint NOT NULL);
        CREATE TABLE api_key (
            id text PRIMARY KEY, label text NOT NULL, hash bytea NOT NULL, scopes text NOT NULL,
            created_at bigint NOT NULL, expires_at bigint
        );
        """
}
