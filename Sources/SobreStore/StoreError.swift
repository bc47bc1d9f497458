/// What can go wrong in a store. No error is both swallowed and survivable: the caller acts on it.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is: decides what the caller does. The raw values are stable.
    public enum Code: String, CaseIterable, Sendable {
        /// Another process owns the data directory.
        case locked
        /// The disk is full: nothing is sent that cannot be recorded.
        case full
        /// The database said so itself; the process should end and be started again.
        case io
        /// The file is not a database of ours, or of a newer version.
        case incompatible
        case corrupt
        /// The store was closed.
        case closed
        /// Too many writes wait; try again shortly.
        case overloaded
        /// A cursor of the log that this store did not make.
        case cursor
        /// A fault of ours: a statement that does not fit the schema.
        case `internal`
    }

    public var code: Code
    /// A full sentence that says what happened and what to do.
    public var message: String
    /// What lies beneath, in the database's own words.
    public var underlying: String?

    public init(_ code: Code, _ message: String, underlying: String? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { underlying.map { "\(message) (\($0))" } ?? message }
}
