public import Text

/// How a store uses its database. Not printed, because the URL may contain a password.
public struct PostgresStoreConfiguration: Hashable, Sendable, Redacted {
    /// A libpq connection string.
    public var url: String
    /// The number of connections for everything that is not decided in batches.
    public var connections: Int
    /// How many calls wait for a connection at most.
    public var maxWaiting: Int
    /// How often a transaction that lost a race is run before the call fails.
    public var maxTries: Int

    public init(url: String, connections: Int = 4, maxWaiting: Int = 10_000, maxTries: Int = 10) {
        self.url = url
        self.connections = connections
        self.maxWaiting = maxWaiting
        self.maxTries = maxTries
    }
}
