public import SobreModel
public import SobreStore

/// Reads accepted messages page by page, for replays.
extension SQLiteReader {
    /// Messages that were accepted after the given one, in the order of their IDs, without their data.
    public func messages(after id: MessageID, limit: Int) async throws(StoreError) -> [Message] {
        try await read { db throws(StoreError) in
            let columns = MessageColumns.list.replacingData()
            let row = try Statement("SELECT \(columns) FROM message WHERE id > ? ORDER BY id LIMIT ?", on: db)
                .bind(1, id.rawValue).bind(2, Int64(max(0, limit)))
            var messages: [Message] = []
            while try row.step() { messages.append(try MessageColumns.read(row)) }
            return messages
        }
    }

    /// The newest registered policy, which is the one in force. Nil when none was registered.
    public func policyInForce() async throws(StoreError) -> (version: Int, text: String)? {
        try await read { db throws(StoreError) in
            let row = try Statement("SELECT version, text FROM policy ORDER BY version DESC LIMIT 1", on: db)
            return try row.step() ? (Int(row.int(0)), row.string(1)) : nil
        }
    }
}

extension String {
    /// Replaces the data column in the list of a message's columns with an empty blob.
    fileprivate func replacingData() -> String { String(dropLast("message.data".utf8.count)) + "x'' AS data" }
}
