import GRDBSQLite
import SobreModel
import SobreSettings
import SobreStore
import SobreStoreColumns

extension Core {
    func register(policy text: String, by author: Author) throws(StoreError) -> Int {
        let newest = try cold("SELECT version, text FROM policy ORDER BY version DESC LIMIT 1")
        defer { newest.reset() }
        if try newest.step(), newest.string(1) == text { return Int(newest.int(0)) }
        newest.reset()
        snapshot.policyVersion += 1
        try cold("INSERT INTO policy VALUES (?, ?, ?)")
            .bind(1, Int64(snapshot.policyVersion)).bind(2, text).bind(3, now()).run()
        try audit(.policy, "policy version \(snapshot.policyVersion)", by: author)
        return snapshot.policyVersion
    }

    func add(key: APIKeyRecord, by author: Author?) throws(StoreError) {
        try cold("INSERT OR REPLACE INTO api_key VALUES (?, ?, ?, ?, ?, ?)")
            .bind(1, key.id).bind(2, key.label).bind(3, key.hash)
            .bind(4, TextList.text(key.scopes.sorted())).bind(5, key.createdAt).bind(6, key.expiresAt).run()
        try audit(.keyCreated, "key \(key.id)", detail: key.scopes.sorted().joined(separator: ", "), by: author)
    }

    func revoke(key id: String, by author: Author?) throws(StoreError) -> Bool {
        let row = try cold("DELETE FROM api_key WHERE id = ?").bind(1, id)
        try row.run()
        guard row.changes > 0 else { return false }
        try audit(.keyRevoked, "key \(id)", by: author)
        return true
    }

    /// Proves that a write is possible and that more will be: a full disk often still takes one small row.
    func checkWritable() throws(StoreError) {
        let limits = configuration.limits
        let path = String(cString: sqlite3_db_filename(connection, nil))
        if let room = DataDirectory.room(beside: path), room < limits.minRoomBytes {
            throw .lackOfRoom(room, needed: limits.minRoomBytes, "on the disk that holds the data directory")
        }
        if limits.maxBytes > 0 {
            // A small database is not expected to keep as much room as a disk.
            let needed = min(limits.minRoomBytes, limits.maxBytes / 20)
            let room = try limits.maxBytes - usedBytes()
            guard room >= needed else { throw .lackOfRoom(room, needed: needed, "up to store.max_size") }
        }
        try cold("INSERT INTO meta VALUES ('writes', 1) ON CONFLICT DO UPDATE SET value = value + 1").run()
    }

    /// The bytes of the database without its free pages.
    private func usedBytes() throws(StoreError) -> Int {
        func number(_ pragma: String) throws(StoreError) -> Int {
            let statement = try cold("PRAGMA \(pragma)")
            defer { statement.reset() }
            return try statement.step() ? Int(statement.int(0)) : 0
        }
        return (try number("page_count") - number("freelist_count")) * (try number("page_size"))
    }
}

extension StoreError {
    fileprivate static func lackOfRoom(_ room: Int, needed: Int, _ place: String) -> StoreError {
        StoreError(
            .full,
            "Only \(max(0, room) >> 10) KiB are left \(place), less than \(needed >> 10) KiB (store.min_room). Nothing is "
                + "sent that cannot be recorded. Free some space.")
    }
}
