extension PostgresSchema {
    /// Indexes by which messages of recipients, receipts and questions to providers are read over all buckets.
    static let inbox = """
        CREATE INDEX inbound_in_order ON inbound (id);
        CREATE INDEX last_inbound_in_order ON last_inbound (address);
        CREATE UNIQUE INDEX poll_in_order ON poll (id);
        """
}
