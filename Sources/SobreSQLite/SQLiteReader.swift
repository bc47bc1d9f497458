public import SobreModel
public import SobreStore
import SobreStoreColumns

/// Reads committed data through a read-only connection on its own thread.
public final class SQLiteReader: Sendable {
    private let reader: Reader
    let configuration: SQLiteConfiguration

    init(path: String, configuration: SQLiteConfiguration) throws(StoreError) {
        self.configuration = configuration
        reader = try Reader(path: path, configuration: configuration)
    }

    /// Closes the connection. Later calls fail with `closed`.
    public func close() async { await reader.close() }

    public func message(_ id: MessageID) async throws(StoreError) -> Message? {
        try await reader.perform { db throws(StoreError) in
            let row = try Statement("SELECT \(MessageColumns.list) FROM message WHERE id = ?", on: db)
                .bind(1, id.rawValue)
            return try row.step() ? try MessageColumns.read(row) : nil
        }
    }

    func policy(version: Int) async throws(StoreError) -> String? {
        try await reader.perform { db throws(StoreError) in
            let row = try Statement("SELECT text FROM policy WHERE version = ?", on: db).bind(1, Int64(version))
            return try row.step() ? row.string(0) : nil
        }
    }

    func keys() async throws(StoreError) -> [APIKeyRecord] {
        try await reader.perform { db throws(StoreError) in
            let row = try Statement(
                "SELECT id, label, hash, scopes, created_at, expires_at FROM api_key ORDER BY created_at, id", on: db)
            var keys: [APIKeyRecord] = []
            while try row.step() {
                keys.append(
                    APIKeyRecord(
                        id: row.string(0), label: row.string(1), hash: row.bytes(2),
                        scopes: Set(TextList.texts(row.bytes(3))),
                        createdAt: Instant(milliseconds: row.int(4)), expiresAt: row.instant(5)))
            }
            return keys
        }
    }

    /// Runs other reads of this module on the connection.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (OpaquePointer) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await reader.perform(body)
    }
}
