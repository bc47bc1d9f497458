import SobreModel
import SobreStore

extension Core {
    func register(policy text: String) throws(StoreError) -> Int {
        let newest = try cold("SELECT version, text FROM policy ORDER BY version DESC LIMIT 1")
        defer { newest.reset() }
        if try newest.step(), newest.string(1) == text { return Int(newest.int(0)) }
        newest.reset()
        snapshot.policyVersion += 1
        try cold("INSERT INTO policy VALUES (?, ?, ?)")
            .bind(1, Int64(snapshot.policyVersion)).bind(2, text).bind(3, now()).run()
        return snapshot.policyVersion
    }

    func add(key: APIKeyRecord) throws(StoreError) {
        try cold("INSERT OR REPLACE INTO api_key VALUES (?, ?, ?, ?, ?, ?)")
            .bind(1, key.id).bind(2, key.label).bind(3, key.hash)
            .bind(4, MessageColumns.text(key.scopes.sorted())).bind(5, key.createdAt).bind(6, key.expiresAt).run()
    }

    func revoke(key id: String) throws(StoreError) -> Bool {
        let row = try cold("DELETE FROM api_key WHERE id = ?").bind(1, id)
        try row.run()
        return row.changes > 0
    }

    func checkWritable() throws(StoreError) {
        try cold("INSERT INTO meta VALUES ('writes', 1) ON CONFLICT DO UPDATE SET value = value + 1").run()
    }
}
