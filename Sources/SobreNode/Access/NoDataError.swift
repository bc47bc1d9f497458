/// The data directory holds no data.
public struct NoDataError: Error, Sendable, CustomStringConvertible {
    /// The data directory.
    public let directory: String
    /// Whether the command could have made them.
    public var canCreate = false

    public var description: String {
        "There are no data in \(directory). If they are elsewhere, name the settings with --config, or set data.directory. "
            + (canCreate
                ? "If this is the place for new ones, start sobre serve, or add --create where the command takes it."
                : "The first start of sobre serve makes them.")
    }
}
