import Postgres
public import SobreModel
public import SobreStore

extension PostgresStore: AuditStore {
    private static let entries = PreparedStatement(
        "audit_read",
        """
        SELECT id, at, author, note, action, subject, detail FROM audit
        WHERE id < $1 AND ($2::text IS NULL OR author = $2) AND ($3::text[] IS NULL OR action = ANY($3))
            AND ($4::int8 IS NULL OR at >= $4) AND ($5::int8 IS NULL OR at < $5)
        ORDER BY id DESC LIMIT $6
        """)
    private static let prune = PreparedStatement(
        "audit_prune",
        """
        DELETE FROM audit WHERE id IN (
            SELECT id FROM audit WHERE at < $1 AND id < (SELECT max(id) FROM audit) ORDER BY id LIMIT $2)
        """)

    public func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditEntry] {
        let actions = query.actions.isEmpty ? nil : query.actions.map(\.rawValue).sorted()
        return try await read { connection in
            try connection.query(
                Self.entries, query.before ?? .max, query.author, actions, query.since?.milliseconds,
                query.until?.milliseconds, max(0, query.limit)
            ).map { row in
                guard let action = AuditAction(rawValue: try row.text(4)) else {
                    throw StoreError.unreadable(try row.text(4), in: "audit.action", of: try row.int(0))
                }
                return AuditEntry(
                    sequence: try row.int(0), at: Instant(milliseconds: try row.int(1)),
                    author: Author(name: try row.text(2), note: try row.text(3)), action: action,
                    subject: try row.text(5), detail: try row.text(6))
            }
        }
    }

    public func audit(_ action: AuditAction, subject: String, detail: String) async throws(StoreError) {
        let author = Author.current
        try await write { connection, now in
            try Self.audit(connection, action, subject, detail: detail, by: author, at: now)
        }
    }

    public func pruneAudit(before: Instant, limit: Int) async throws(StoreError) -> Int {
        try await write { connection, _ in
            try connection.query(Self.prune, before.milliseconds, max(0, limit)).affectedRows
        }
    }
}
