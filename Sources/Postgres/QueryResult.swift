import CLibpq

/// The rows and the command tag of one statement.
///
/// It owns memory of libpq and is read on the thread of its connection. It outlives the connection.
public final class QueryResult: RandomAccessCollection {
    let handle: OpaquePointer
    private let rowCount: Int
    let columnCount: Int

    /// Takes ownership of a `PGresult`.
    init(_ handle: OpaquePointer) {
        self.handle = handle
        rowCount = Int(PQntuples(handle))
        columnCount = Int(PQnfields(handle))
    }

    deinit { PQclear(handle) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { rowCount }

    public subscript(index: Int) -> ResultRow {
        precondition(index >= 0 && index < rowCount, "The result has \(rowCount) rows.")
        return ResultRow(result: self, index: Int32(index))
    }

    /// What was done, such as `UPDATE 3`.
    public var command: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    /// The number of rows that were inserted, changed, deleted or read.
    public var affectedRows: Int { PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }
}
