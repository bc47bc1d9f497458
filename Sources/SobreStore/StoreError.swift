/// An error of a store. Stores never swallow an error: the caller must act on it.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error, which determines what the caller does. The raw values are stable.
    public enum Code: String, CaseIterable, Sendable {
        /// Another process owns the data directory.
        case locked
        /// The disk is full. Nothing is sent, because the outcome could not be recorded.
        case full
        /// The database reported an I/O error. The process should exit and be restarted.
        case io
        /// The file is not a Sobre database, or a newer version wrote it.
        case incompatible
        case corrupt
        /// The store was closed.
        case closed
        /// Too many writes wait; try again shortly.
        case overloaded
        /// The log cursor was not made by this store.
        case cursor
        /// A bug in Sobre, such as a statement that does not fit the schema.
        case `internal`
    }

    public var code: Code
    /// A full sentence that says what happened and what to do.
    public var message: String
    /// The underlying error, in the database's own words.
    public var underlying: String?

    public init(_ code: Code, _ message: String, underlying: String? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    public var description: String { underlying.map { "\(message) (\($0))" } ?? message }
}
