/// There is nothing to read yet.
public struct NoData: Error, Sendable, CustomStringConvertible {
    /// Where it was looked for.
    public let directory: String

    public var description: String {
        "There is no data yet in \(directory). "
            + "Start sobre serve, or enqueue a message; or set data.directory to where the data is."
    }
}
