public import SobreModel
public import SobreStore

extension SQLiteReader {
    private static let paused = HeldSummary.Key(reason: HoldReason.pausedByOperator.rawValue)

    /// Why the deliveries of one part of the queue are held. About 5 µs for each that is.
    ///
    /// - Parameters:
    ///   - place: where the part begins; nil: at the beginning.
    ///   - limit: the rows of the queue to look at.
    /// - Returns: the part's summary, and where the next part begins.
    /// - Throws: `StoreError` when the file cannot be read.
    public func held(after place: QueuePlace?, limit: Int) async throws(StoreError) -> HeldPage {
        let start = place?.parts ?? [-1, -1, -1, .min, .min]
        guard start.count == 5 else {
            throw StoreError(.cursor, "This is no place in the queue of this store; begin without one.")
        }
        return try await read { db throws(StoreError) in
            let rows = try Statement(
                """
                SELECT section, channel, rank, due_at, delivery, state FROM queue
                WHERE (section, channel, rank, due_at, delivery) > (?, ?, ?, ?, ?)
                ORDER BY section, channel, rank, due_at, delivery LIMIT ?
                """, on: db)
            for (index, part) in start.enumerated() { rows.bind(Int32(index + 1), part) }
            rows.bind(6, Int64(max(1, limit)))
            let entries = DeliveryEntries(db)
            let template = try Statement("SELECT template FROM message WHERE id = ?", on: db)
            var page = HeldPage(summary: HeldSummary(), next: nil)
            var seen = 0
            while try rows.step() {
                seen += 1
                if seen == limit { page.next = QueuePlace(parts: (0..<5).map { rows.int($0) }) }
                guard rows.int(5) == Int64(DeliveryState.held.rawValue) else { continue }
                // What stands in the section of a pause needs no look at the log, apart from the first.
                if rows.int(0) > 0, page.summary.items[Self.paused] != nil {
                    page.summary.add(Self.paused, detail: "")
                    continue
                }
                let delivery = DeliveryID(rawValue: rows.int(4))
                guard let last = try entries.last(of: delivery) else { continue }
                var key = HeldSummary.Key(reason: last.reason)
                if key.reason == HoldReason.renderFailed.rawValue {
                    template.bind(1, delivery.message.rawValue)
                    defer { template.reset() }
                    if try template.step() { key.template = template.string(0) }
                }
                page.summary.add(key, detail: last.detail)
            }
            return page
        }
    }
}

extension SQLiteStore {
    /// Why the deliveries of one part of the queue are held, read beside the writer. See
    /// ``SQLiteReader/held(after:limit:)``.
    public func held(after place: QueuePlace?, limit: Int) async throws(StoreError) -> HeldPage {
        try await reader.held(after: place, limit: limit)
    }
}
