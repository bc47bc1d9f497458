extension PostgresSchema {
    /// Indexes by which the histories of all recipients are read page by page. Writing them is rare.
    static let histories = """
        CREATE INDEX consent_log_in_order ON consent_log (id);
        CREATE INDEX suppression_log_in_order ON suppression_log (id);
        """
}
