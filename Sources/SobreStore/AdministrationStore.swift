public import SobreModel

/// Policy versions, API keys and upkeep.
public protocol AdministrationStore: Sendable {
    /// Makes a policy the one in force and returns its version: the version it has already when its text is that of
    /// the newest, else the next number. Durable on return.
    func register(policy text: String) async throws(StoreError) -> Int

    /// The text of a policy version.
    func policy(version: Int) async throws(StoreError) -> String?

    func add(key: APIKeyRecord) async throws(StoreError)
    func keys() async throws(StoreError) -> [APIKeyRecord]
    /// Returns false when there is no such key.
    func revoke(key id: String) async throws(StoreError) -> Bool

    /// Removes what is older than its retention, at most `limit` messages a call. Waiting messages are kept.
    /// Returns how many messages were removed.
    func prune(messagesBefore: Instant, ledgerBefore: Instant, idempotencyBefore: Instant, limit: Int)
        async throws(StoreError)
        -> Int

    /// Proves that the store can take a durable write now.
    func checkWritable() async throws(StoreError)

    /// Finishes what was begun and closes. Bounded; later calls fail with `closed`.
    func close() async
}

/// An API key as it is stored: never the key itself.
public struct APIKeyRecord: Hashable, Sendable {
    /// A short public name, for lists and revocation.
    public var id: String
    public var label: String
    /// SHA-256 of the key.
    public var hash: [UInt8]
    /// `enqueue`, `read`, `admin`, `receipts`.
    public var scopes: Set<String>
    public var createdAt: Instant
    public var expiresAt: Instant?

    public init(
        id: String, label: String, hash: [UInt8], scopes: Set<String>, createdAt: Instant, expiresAt: Instant? = nil
    ) {
        self.id = id
        self.label = label
        self.hash = hash
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Everything that a store can do.
public typealias Store = AdministrationStore & LogStore & MessageStore & ProfileStore & QueueStore & ReceiptStore
