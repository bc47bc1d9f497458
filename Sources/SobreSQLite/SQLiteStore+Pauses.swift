public import SobreModel
public import SobreStore

extension SQLiteReader {
    public func pauses(at now: Instant) async throws(StoreError) -> [PauseStatus] {
        try await read { db throws(StoreError) in
            let rows = try Statement(
                "SELECT \(PauseColumns.list) FROM pause WHERE until IS NULL OR until > ? ORDER BY id", on: db
            ).bind(1, now)
            let count = try Statement("SELECT count(*) FROM queue WHERE section = ?", on: db)
            var pauses: [PauseStatus] = []
            while try rows.step() {
                let (pause, section) = try PauseColumns.read(rows)
                count.bind(1, section)
                defer { count.reset() }
                pauses.append(PauseStatus(pause: pause, held: try count.step() ? Int(count.int(0)) : 0))
            }
            return pauses
        }
    }
}

extension SQLiteStore: PauseStore {
    public func pause(
        _ filter: DeliveryFilter, until: Instant?, reason: String, by: String
    ) async throws(StoreError) -> (pause: SendingPause, isNew: Bool)? {
        let author = Author(name: Author.current?.name ?? by, note: reason)
        return try await writer.perform { core throws(StoreError) in
            try core.pause(filter, until: until, reason: reason, by: by, author: author)
        }
    }

    public func resume(_ id: Int64) async throws(StoreError) -> SendingPause? {
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in try core.resume(id, by: author) }
    }

    public func pauses(at now: Instant) async throws(StoreError) -> [PauseStatus] { try await reader.pauses(at: now) }
}
