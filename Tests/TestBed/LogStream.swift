import SobreModel
import SobreStore

/// The whole delivery log of a run, read once from its beginning.
enum LogStream {
    /// Calls `body` with every entry in the order in which it was written.
    static func forEach(in store: any LogStore, _ body: (LogRow) throws -> Void) async throws {
        var last: Int64 = 0
        while true {
            let rows = try await store.log(LogQuery(direction: .after(last), limit: 2_000))
            guard let newest = rows.last else { return }
            for row in rows { try body(row) }
            last = newest.entry.sequence
        }
    }
}
