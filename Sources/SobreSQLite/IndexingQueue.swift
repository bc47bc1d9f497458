/// A row of a table with random keys, with the place of its origin in the order of time.
protocol IndexedLater: Comparable {
    /// Grows with time: how far a table has been filed is told by it.
    var sequence: Int64 { get }
}

/// Rows that wait in memory to be inserted in the order of their keys.
///
/// Inserting random keys one by one touches a page each; sorted and in bulk many share one. Nothing depends on memory for
/// its life: what waits here is read again from the log and the messages when the store is opened.
///
/// Young rows gather until there are `limit`; then they are sorted and filed a part a transaction, while the next gather.
struct IndexingQueue<Row: IndexedLater> {
    let limit: Int
    private(set) var young: [Row] = []
    private(set) var sorted: [Row] = []
    private var position = 0
    private var added = 0

    init(limit: Int) { self.limit = max(1, limit) }

    /// Called before a transaction changes anything.
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

    /// What to insert in this transaction: twice as much as came in, so that a batch ends before the next is full.
    var next: ArraySlice<Row> { sorted[position..<min(sorted.count, position + 2 * added + 32)] }

    /// How far the table is filed when `next` has been: nil while a batch is unfinished.
    var watermarkAfterNext: Int64? {
        guard !sorted.isEmpty, next.endIndex == sorted.count else { return nil }
        return sorted.map(\.sequence).max()
    }

    /// Forgets what was inserted; called after the commit.
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

/// A contact of a person, or of an address that was used for one. Filed by the log, each kind in a table of its own.
struct ContactRow: IndexedLater {
    /// Where it is looked for while it waits: the person or the address.
    var subject: Int64
    var person: Int64
    var committedAt: Int64
    var attempt: Int64
    var sequence: Int64

    var isOfAddress: Bool { subject != person }

    /// People first: whoever is found by an address has the contact by then.
    static func < (a: ContactRow, b: ContactRow) -> Bool {
        if a.isOfAddress != b.isOfAddress { return b.isOfAddress }
        return (a.subject, a.committedAt, a.attempt) < (b.subject, b.committedAt, b.attempt)
    }
}

/// An idempotency key's hash, or a person, and a message. Filed by the messages.
struct MessageRow: IndexedLater {
    var key: Int64
    var message: Int64

    var sequence: Int64 { message }
    static func < (a: MessageRow, b: MessageRow) -> Bool { (a.key, a.message) < (b.key, b.message) }
}
