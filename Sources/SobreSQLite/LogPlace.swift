import SobreStore

/// Where a page of the log begins, and which way it goes. Cursors of this store are sequence numbers in decimal digits.
struct LogPlace {
    /// Read are entries with a greater number, or backward those with a lesser.
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

    private static func sequence(_ cursor: LogCursor) throws(StoreError) -> Int64 {
        guard let sequence = Int64(cursor.description), sequence >= 0 else {
            throw StoreError(
                .cursor, "\"\(cursor)\" is not a place in this log; take the cursor of an entry, or begin anew.")
        }
        return sequence
    }

    /// The number of the newest entry. It is never removed, so that no cursor comes to lie behind the end.
    static func newest(on db: OpaquePointer) throws(StoreError) -> Int64 {
        let row = try Statement("SELECT max(seq) FROM log", on: db)
        return try row.step() ? row.int(0) : 0
    }

    func hasMore(upTo newest: Int64) -> Bool { isForward ? sequence < newest : sequence > 1 && newest > 0 }

    /// The place itself.
    func cursor(upTo newest: Int64) -> LogCursor { LogCursor(sequence: min(sequence, isForward ? .max : newest + 1)) }

    /// Where reading goes on when all in its direction was seen.
    func end(upTo newest: Int64) -> LogCursor { LogCursor(sequence: isForward ? max(sequence, newest) : 0) }
}

extension LogCursor {
    /// Digits are plain text: this is always a cursor.
    init(sequence: Int64) { self = Self(String(sequence))! }
}
