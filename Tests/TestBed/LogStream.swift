import SobreModel
import SobreStore

/// Reads the whole delivery log of a run from its beginning.
enum LogStream {
    /// Calls `body` with every entry, in the order in which they were written.
    static func forEach(in store: any LogStore, _ body: (LogRow) throws -> Void) async throws {
        var last: LogCursor?
        while true {
            let page = try await store.log(LogQuery(direction: .forward(after: last), limit: 2_000))
            if page.rows.isEmpty { return }
            for row in page.rows { try body(row) }
            last = page.next
        }
    }
}
