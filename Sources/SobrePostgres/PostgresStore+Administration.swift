import Postgres
import SobreModel
public import SobreStore
import SobreStoreColumns

extension PostgresStore {
    private static let lockPolicies = PreparedStatement(
        "policy_lock", "LOCK TABLE policy IN SHARE ROW EXCLUSIVE MODE")
    private static let newestPolicy = PreparedStatement(
        "policy_newest", "SELECT version, text FROM policy ORDER BY version DESC LIMIT 1")
    private static let addPolicy = PreparedStatement("policy_add", "INSERT INTO policy VALUES ($1, $2, $3)")
    private static let policyText = PreparedStatement("policy_text", "SELECT text FROM policy WHERE version = $1")
    private static let addKey = PreparedStatement(
        "key_add",
        """
        INSERT INTO api_key VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET label = excluded.label,
            hash = excluded.hash, scopes = excluded.scopes, created_at = excluded.created_at,
            expires_at = excluded.expires_at
        """)
    private static let allKeys = PreparedStatement(
        "key_all",
        "SELECT id, label, hash, scopes, created_at, expires_at FROM api_key ORDER BY created_at, id COLLATE \"C\"")
    private static let deleteKey = PreparedStatement("key_delete", "DELETE FROM api_key WHERE id = $1")
    private static let addAudit = PreparedStatement(
        "audit_add",
        """
        INSERT INTO audit (at, author, note, action, subject, subject_key, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)
        """)
    private static let proveWrite = PreparedStatement(
        "prove_write", "INSERT INTO tally VALUES (-1, 0, 1) ON CONFLICT (bucket, state) DO UPDATE SET deliveries = 1")

    /// Puts a policy in force; see ``SobreStore/AdministrationStore/register(policy:)``.
    ///
    /// - Parameter text: the policy.
    /// - Returns: its version.
    /// - Throws: `StoreError` when nothing was written.
    public func register(policy text: String) async throws(StoreError) -> Int {
        let author = Author.current ?? .policyFile
        return try await write { connection, now in
            try connection.send(Self.lockPolicies)
            let newest = try connection.query(Self.newestPolicy).first
            let version = try newest?.int(0) ?? 0
            if try newest?.text(1) == text { return Int(version) }
            try connection.send(Self.addPolicy, version + 1, text, now.milliseconds)
            try Self.audit(connection, .policy, "policy version \(version + 1)", by: author, at: now)
            return Int(version) + 1
        }
    }

    /// - Parameter version: the number of a policy.
    /// - Returns: its text, or nil when there is no such version.
    /// - Throws: `StoreError` when it cannot be read.
    public func policy(version: Int) async throws(StoreError) -> String? {
        try await read { connection in try connection.query(Self.policyText, version).first?.text(0) }
    }

    /// Adds an API key, or replaces the one with its ID.
    ///
    /// - Parameter key: the key.
    /// - Throws: `StoreError` when nothing was written.
    public func add(key: APIKeyRecord) async throws(StoreError) {
        let author = Author.current
        try await write { connection, now in
            let scopes = key.scopes.sorted()
            try connection.send(
                Self.addKey, key.id, key.label, key.hash, TextList.text(scopes), key.createdAt.milliseconds,
                key.expiresAt?.milliseconds)
            try Self.audit(
                connection, .keyCreated, "key \(key.id)", detail: scopes.joined(separator: ", "), by: author, at: now)
        }
    }

    /// - Returns: the API keys, by age.
    /// - Throws: `StoreError` when they cannot be read.
    public func keys() async throws(StoreError) -> [APIKeyRecord] {
        try await read { connection in
            try connection.query(Self.allKeys).map { row in
                APIKeyRecord(
                    id: try row.text(0), label: try row.text(1), hash: try row.bytes(2),
                    scopes: Set(TextList.texts(Array(try row.text(3).utf8))),
                    createdAt: Instant(milliseconds: try row.int(4)),
                    expiresAt: try row.optionalInt(5).map { Instant(milliseconds: $0) })
            }
        }
    }

    /// - Parameter id: the ID of an API key.
    /// - Returns: false when there is no such key.
    /// - Throws: `StoreError` when nothing was written.
    public func revoke(key id: String) async throws(StoreError) -> Bool {
        let author = Author.current
        return try await write { connection, now in
            guard try connection.query(Self.deleteKey, id).affectedRows > 0 else { return false }
            try Self.audit(connection, .keyRevoked, "key \(id)", by: author, at: now)
            return true
        }
    }

    /// Throws unless the store can make a durable write now.
    ///
    /// - Throws: `StoreError` when it cannot.
    public func checkWritable() async throws(StoreError) {
        try await write { connection, _ in try connection.send(Self.proveWrite) }
    }

    /// Finishes the work in progress, returns the buckets and closes the connections. Later calls fail with `closed`.
    public func close() async {
        await pool.close()
        await membership.leave()
    }

    /// Sends an entry of the audit trail. Without an author there is none.
    static func audit(
        _ connection: PostgresConnection, _ action: AuditAction, _ subject: String, about key: KeyHash? = nil,
        detail: String = "", by author: Author?, at now: Instant
    ) throws(PostgresError) {
        guard let author else { return }
        try connection.send(
            addAudit, now.milliseconds, author.name, author.note, action.rawValue, subject, key?.stored, detail)
    }
}
