import SobreModel
import SobreStore

extension Core {
    /// Inserts the next part of the pending index rows, in the order of their keys, within the current transaction.
    func fileNext() throws(StoreError) -> (contacts: Int, keys: Int, people: Int) {
        let contacts = pendingIndexRows.contactQueue.next
        // Those of recipients come first.
        let addresses = contacts.firstIndex(where: \.isOfAddress) ?? contacts.endIndex
        try sql.filePersonContacts.run(contacts[..<addresses]) { ($0.attempt, $0.person) }
        try sql.fileAddressPeople.run(contacts[addresses...]) { ($0.subject, $0.person) }
        let keys = pendingIndexRows.keyQueue.next
        try sql.insertIdempotencies.run(keys) { ($0.key, $0.message) }
        let people = pendingIndexRows.peopleQueue.next
        try sql.insertPersonMessages.run(people) { ($0.key, $0.message) }
        try setIndexed("contacts_filed_to", pendingIndexRows.contactQueue.watermarkAfterNext)
        try setIndexed("keys_filed_to", pendingIndexRows.keyQueue.watermarkAfterNext)
        try setIndexed("people_filed_to", pendingIndexRows.peopleQueue.watermarkAfterNext)
        return (contacts.count, keys.count, people.count)
    }

    private func setIndexed(_ name: String, _ value: Int64?) throws(StoreError) {
        guard let value else { return }
        try sql.setMeta.bind(1, name).bind(2, value).run()
    }

    /// Writes all pending index rows from the tables that they derive from. Called at the start, before pruning, and
    /// when the store closes.
    ///
    /// The pending rows in memory are cleared when the transaction has been committed.
    func indexAll() throws(StoreError) {
        let after = "coalesce((SELECT value FROM meta WHERE name = '%'), 0)"
        func indexedTo(_ name: String) -> String { after.split(separator: "%").joined(separator: name) }
        let tables = [
            ("person_contact", ContactColumns.ofAttempt),
            ("address_person", "attempt.address, attempt.recipient"),
        ]
        for (table, columns) in tables {
            try cold(
                """
                INSERT OR IGNORE INTO \(table) SELECT \(columns)
                FROM log CROSS JOIN attempt ON attempt.id = log.attempt
                WHERE log.seq > \(indexedTo("contacts_filed_to")) AND attempt.state = 1 ORDER BY 1, 2
                """
            ).run()
        }
        try cold(
            """
            INSERT OR IGNORE INTO person_contact
            SELECT attempt_holder.person, \(ContactColumns.ofAttemptWithoutPerson)
            FROM log CROSS JOIN attempt_holder ON attempt_holder.attempt = log.attempt
            CROSS JOIN attempt ON attempt.id = log.attempt
            WHERE log.seq > \(indexedTo("contacts_filed_to")) AND attempt.state = 1 ORDER BY 1, 2
            """
        ).run()
        try cold(
            """
            INSERT OR IGNORE INTO idempotency SELECT idempotency_hash, id FROM message
            WHERE id > \(indexedTo("keys_filed_to")) AND id > \(indexedTo("keys_pruned_to"))
            AND idempotency_hash IS NOT NULL ORDER BY 1, 2
            """
        ).run()
        try cold(
            """
            INSERT OR IGNORE INTO person_message SELECT recipient_key, id FROM message
            WHERE id > \(indexedTo("people_filed_to")) ORDER BY 1, 2
            """
        ).run()
        try cold("INSERT OR REPLACE INTO meta SELECT 'contacts_filed_to', coalesce(max(seq), 0) FROM log").run()
        try cold("INSERT OR REPLACE INTO meta SELECT 'keys_filed_to', coalesce(max(id), 0) FROM message").run()
        try cold("INSERT OR REPLACE INTO meta SELECT 'people_filed_to', coalesce(max(id), 0) FROM message").run()
        indexesAll = true
    }

    /// Loads the contacts whose index rows are pending. A read-only connection cannot write these rows.
    func loadPendingContacts() throws(StoreError) {
        let rows = try Statement(
            """
            SELECT \(AttemptColumns.list) FROM attempt WHERE state = 1 AND id IN (
              SELECT attempt FROM log
              WHERE seq > coalesce((SELECT value FROM meta WHERE name = 'contacts_filed_to'), 0))
            """, on: connection)
        while try rows.step() {
            let entry = try AttemptColumns.entry(rows)
            addContact(entry, holders: try holders(ofAttempt: entry.id))
        }
    }
}
