/// A column holds what this program does not know, probably because a newer one has written it.
public struct UnreadableColumn: Error {
    /// What was found.
    public let what: String
    /// The table and the column.
    public let column: StaticString

    /// - Parameters:
    ///   - what: what was found.
    ///   - column: the table and the column.
    public init(_ what: String, in column: StaticString) {
        self.what = what
        self.column = column
    }
}
