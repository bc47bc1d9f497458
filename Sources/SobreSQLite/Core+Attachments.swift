import SobreModel
import SobreStore

/// The bytes of messages' files. Few messages have any.
extension Core {
    func insert(attachments: [EmailContent.Attachment], of message: MessageID) throws(StoreError) {
        for (number, file) in attachments.enumerated() {
            try cold("INSERT INTO attachment VALUES (?, ?, ?)").bind(1, message.rawValue).bind(2, Int64(number))
                .bind(3, file.content).run()
        }
    }

    func removeAttachments(of message: Int64) throws(StoreError) {
        try cold("DELETE FROM attachment WHERE message = ?").bind(1, message).run()
    }
}

extension SQLiteReader {
    func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]] {
        try await read { db throws(StoreError) in
            let row = try Statement("SELECT content FROM attachment WHERE message = ? ORDER BY number", on: db)
                .bind(1, message.rawValue)
            var files: [[UInt8]] = []
            while try row.step() { files.append(row.bytes(0)) }
            return files
        }
    }
}
