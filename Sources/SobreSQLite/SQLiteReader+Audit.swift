public import SobreModel
public import SobreStore

extension SQLiteReader: AuditHistory {
    public func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditEntry] {
        try await read { db throws(StoreError) in
            var conditions = LogConditions()
            conditions.add("seq < ?", .number(query.before ?? .max))
            if let author = query.author { conditions.add("author = ?", .text(author)) }
            if !query.actions.isEmpty { conditions.add("action", in: query.actions.map { .text($0.rawValue) }) }
            if let since = query.since { conditions.add("at >= ?", .number(since.milliseconds)) }
            if let until = query.until { conditions.add("at < ?", .number(until.milliseconds)) }
            let row = try Statement(
                """
                SELECT seq, at, author, note, action, subject, detail FROM audit WHERE \(conditions.sql)
                ORDER BY seq DESC LIMIT \(max(0, query.limit))
                """, on: db)
            conditions.bind(to: row)
            var entries: [AuditEntry] = []
            while try row.step() {
                guard let action = AuditAction(rawValue: row.string(4)) else {
                    throw .unreadable(row.string(4), in: "audit.action", of: row.int(0))
                }
                entries.append(
                    AuditEntry(
                        sequence: row.int(0), at: Instant(milliseconds: row.int(1)),
                        author: Author(name: row.string(2), note: row.string(3)), action: action,
                        subject: row.string(5), detail: row.string(6)))
            }
            return entries
        }
    }
}

extension SQLiteStore: AuditStore {
    public func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditEntry] { try await reader.audit(query) }

    public func audit(_ action: AuditAction, subject: String, detail: String) async throws(StoreError) {
        let author = Author.current
        try await writer.perform { core throws(StoreError) in
            try core.audit(action, subject, detail: detail, by: author)
        }
    }

    public func pruneAudit(before: Instant, limit: Int) async throws(StoreError) -> Int {
        try await writer.perform { core throws(StoreError) in try core.pruneAudit(before: before, limit: limit) }
    }
}
