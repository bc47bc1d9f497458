public import SobreSettings
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
    /// The bounds that all stores have.
    public var limits = StoreLimits()
    /// The bounds of a profile, which also apply after a merge.
    public var intake = IntakeLimits()
    /// How many profiles are stored in one transaction, which locks the buckets of all of them.
    public var maxProfilesLocked = 64
    /// How many messages an erasure changes in one transaction, which locks the recipient's buckets.
    public var maxMessagesLocked = 500

    /// What an acknowledged write survives.
    public var durability: Durability
    /// How long a node holds its buckets without renewing them.
    public var lease: Duration
    /// How often a node renews its leases.
    public var renewInterval: Duration

    /// What an acknowledged write survives.
    public enum Durability: String, CaseIterable, Sendable {
        /// The loss of the server: a synchronous standby has it. Refused where there is none.
        case standby
        /// A crash and a power cut of the server, not its loss.
        case local
    }

    public init(
        url: String, connections: Int = 4, maxWaiting: Int = 10_000, maxTries: Int = 10,
        durability: Durability = .standby, lease: Duration = .seconds(15), renewInterval: Duration = .seconds(3)
    ) {
        self.durability = durability
        self.lease = lease
        self.renewInterval = renewInterval
        self.url = url
        self.connections = connections
        self.maxWaiting = maxWaiting
        self.maxTries = maxTries
    }
}
