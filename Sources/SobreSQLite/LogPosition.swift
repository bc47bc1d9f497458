import SobreStore

/// Where a page of the log begins and in which direction it is read. The cursors of this store are decimal sequence
/// numbers.
struct LogPosition {
    /// A forward page has entries with a greater sequence number, a backward page entries with a smaller one.
    var sequence: Int64
    var isForward: Bool

    init(_ direction: LogQuery.Direction) throws(StoreError) {
        switch direction {
        case .forward(let cursor):
            sequence = try cursor.map(Self.sequence) ?? 0
            isForward = true
        case .backward(let cursor):
            sequence = try cursor.map(Self.sequence) ?? .max
            isForward = false
        }
    }

    static func sequence(_ cursor: LogCursor) throws(StoreError) -> Int64 {
        guard let sequence = Int64(cursor.description), sequence >= 0 else {
            throw StoreError(
                .cursor,
                "\"\(cursor)\" is not a cursor of this log; use the cursor of an entry, or start from the beginning.")
        }
        return sequence
    }

    func hasMore(upTo newest: Int64) -> Bool { isForward ? sequence < newest : sequence > 1 && newest > 0 }

    /// The cursor for this position.
    func cursor(upTo newest: Int64) -> LogCursor { LogCursor(sequence: min(sequence, isForward ? .max : newest + 1)) }

    /// The position after all entries in this direction have been read.
    func end(upTo newest: Int64) -> LogCursor { LogCursor(sequence: isForward ? max(sequence, newest) : 0) }
}

extension LogCursor {
    /// A number is always a valid cursor, so the unwrapping cannot fail.
    init(sequence: Int64) { self = Self(String(sequence))! }
}
