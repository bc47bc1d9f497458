import SobreModel
import SobreStore

/// The rows of one table, as entries of the log in its order. They are read as they are needed.
struct LogSource {
    private let row: Statement
    /// The entries that the statement's current row stands for, in the order in which they are returned.
    private let read: (Statement) throws(StoreError) -> [LogRow]
    private var pending: ArraySlice<LogRow> = []
    private var isAtEnd = false

    init(_ row: Statement, read: @escaping (Statement) throws(StoreError) -> [LogRow]) {
        self.row = row
        self.read = read
    }

    /// The next entry, which stays until it is removed.
    mutating func first() throws(StoreError) -> LogRow? {
        while pending.isEmpty, !isAtEnd {
            if try row.step() { pending = try read(row)[...] } else { isAtEnd = true }
        }
        return pending.first
    }

    mutating func removeFirst() { pending.removeFirst() }
}

/// The entries of several sources in the order of the log.
struct LogMerge {
    private var sources: [LogSource]
    private let isForward: Bool

    init(_ sources: [LogSource], isForward: Bool) {
        self.sources = sources
        self.isForward = isForward
    }

    mutating func next() throws(StoreError) -> LogRow? {
        var next: (source: Int, row: LogRow)?
        for index in sources.indices {
            guard let row = try sources[index].first() else { continue }
            if let earlier = next?.row.entry.sequence, (row.entry.sequence < earlier) != isForward { continue }
            next = (index, row)
        }
        guard let next else { return nil }
        sources[next.source].removeFirst()
        return next.row
    }
}
