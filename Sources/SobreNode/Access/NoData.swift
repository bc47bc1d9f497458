/// The data directory has no data yet.
public struct NoData: Error, Sendable, CustomStringConvertible {
    /// The directory that was looked in.
    public let directory: String

    public var description: String {
        "There is no data yet in \(directory). "
            + "Start sobre serve, or enqueue a message; or set data.directory to where the data is."
    }
}
