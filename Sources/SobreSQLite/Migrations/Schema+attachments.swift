extension Schema {
    /// The files of messages. Their names and types are in `message.options`, so that a claim reads none of these rows.
    static let attachments = """
        -- number: the file's place in the message, from 0.
        CREATE TABLE attachment (
            message INTEGER NOT NULL, number INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY (message, number)
        );
        PRAGMA user_version = 11;
        """
}
