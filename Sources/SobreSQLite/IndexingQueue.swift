/// A row for a table with random keys, with the position of its source in time order.
protocol IndexedLater: Comparable {
    /// Increases with time. A table's progress is stored as the sequence of the last row written.
    var sequence: Int64 { get }
}

/// Rows in memory that are inserted later, in the order of their keys.
///
/// Inserting random keys one by one touches one page per row. Sorted bulk inserts share pages. The rows may be lost:
/// when the store is opened, they are read again from the log and the messages.
///
/// New rows collect until there are `limit`. Then they are sorted and inserted in parts, one part per transaction,
/// while new rows collect for the next batch.
struct IndexingQueue<Row: IndexedLater> {
    let limit: Int
    private(set) var young: [Row] = []
    private(set) var sorted: [Row] = []
    private var position = 0
    private var added = 0

    init(limit: Int) { self.limit = max(1, limit) }

    /// Must be called before a transaction changes anything.
    mutating func begin() {
        added = 0
        guard sorted.isEmpty, young.count >= limit else { return }
        swap(&sorted, &young)
        sorted.sort()
        young.reserveCapacity(sorted.count)
    }

    mutating func append(_ row: Row) {
        young.append(row)
        added += 1
    }

    mutating func undoAppend() { young.removeLast() }

    /// The rows to insert in this transaction. This is twice as many as were added, so that a batch is finished before
    /// the next one is full.
    var next: ArraySlice<Row> { sorted[position..<min(sorted.count, position + 2 * added + 32)] }

    /// How far the table is complete once `next` has been inserted. Nil while a batch is unfinished.
    var watermarkAfterNext: Int64? {
        guard !sorted.isEmpty, next.endIndex == sorted.count else { return nil }
        return sorted.map(\.sequence).max()
    }

    /// Removes the inserted rows. Must be called after the commit.
    mutating func didIndex(_ count: Int) {
        position += count
        if position == sorted.count {
            sorted.removeAll()
            position = 0
        }
    }

    mutating func removeAll() {
        young.removeAll()
        sorted.removeAll()
        position = 0
    }
}

/// A contact of a recipient, or of an address that was used for one. Its sequence is a log entry's. Each kind has its
/// own table.
struct ContactRow: IndexedLater {
    /// The subject under which the row is found while it is pending: the recipient or the address.
    var subject: Int64
    var person: Int64
    var committedAt: Int64
    var attempt: Int64
    var sequence: Int64

    var isOfAddress: Bool { subject != person }

    /// Recipients sort first, so that whoever is found by an address already has the contact.
    static func < (a: ContactRow, b: ContactRow) -> Bool {
        if a.isOfAddress != b.isOfAddress { return b.isOfAddress }
        return (a.subject, a.committedAt, a.attempt) < (b.subject, b.committedAt, b.attempt)
    }
}

/// A message under the hash of an idempotency key or of a recipient. Its sequence is the message's ID.
struct MessageRow: IndexedLater {
    var key: Int64
    var message: Int64

    var sequence: Int64 { message }
    static func < (a: MessageRow, b: MessageRow) -> Bool { (a.key, a.message) < (b.key, b.message) }
}
