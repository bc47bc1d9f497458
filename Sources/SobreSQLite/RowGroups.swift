import SobreStore

/// Inserts rows that are made from two numbers, several with one statement. For rows this small, beginning and ending a
/// statement costs as much as the row.
///
/// Like the connection, it may be used only on the connection's thread.
final class RowGroups {
    private static let size = 16
    private let one: Statement
    private let group: Statement

    /// - Parameters:
    ///   - connection: The connection that the statements belong to.
    ///   - sql: The statement for a list of rows, such as `(?, ?), (?, ?)`.
    /// - Throws: `StoreError` when SQLite cannot compile the statement.
    init(on connection: OpaquePointer, _ sql: (_ rows: String) -> String) throws(StoreError) {
        one = try Statement(sql("(?, ?)"), on: connection)
        let rows = Array(repeating: "(?, ?)", count: Self.size).joined(separator: ", ")
        group = try Statement(sql(rows), on: connection)
    }

    func run<Row>(_ rows: ArraySlice<Row>, _ values: (Row) -> (Int64, Int64)) throws(StoreError) {
        var place = rows.startIndex
        while rows.endIndex - place >= Self.size {
            for offset in 0..<Self.size {
                let (first, second) = values(rows[place + offset])
                group.bind(Int32(2 * offset + 1), first).bind(Int32(2 * offset + 2), second)
            }
            try group.run()
            place += Self.size
        }
        while place < rows.endIndex {
            let (first, second) = values(rows[place])
            try one.bind(1, first).bind(2, second).run()
            place += 1
        }
    }
}
