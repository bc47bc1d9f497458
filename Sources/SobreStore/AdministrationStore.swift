public import SobreModel

/// Policy versions, API keys and maintenance.
public protocol AdministrationStore: Sendable {
    /// Puts a policy in force and returns its version.
    ///
    /// A text that equals the newest version keeps that version's number. Any other text gets the next number. The
    /// change is durable on return.
    func register(policy text: String) async throws(StoreError) -> Int

    /// The text of a policy version, or nil when there is no such version.
    func policy(version: Int) async throws(StoreError) -> String?

    func add(key: APIKeyRecord) async throws(StoreError)
    func keys() async throws(StoreError) -> [APIKeyRecord]
    /// Returns false when there is no such key.
    func revoke(key id: String) async throws(StoreError) -> Bool

    /// Removes rows that are older than their retention, at most `limit` messages per call. Messages with waiting
    /// deliveries are kept.
    ///
    /// Returns the number of messages removed.
    func prune(messagesBefore: Instant, ledgerBefore: Instant, idempotencyBefore: Instant, limit: Int)
        async throws(StoreError)
        -> Int

    /// Throws unless the store can make a durable write now.
    func checkWritable() async throws(StoreError)

    /// Finishes the work in progress and closes the store. Takes a bounded time. Later calls fail with `closed`.
    func close() async
}

/// A stored API key. It holds a hash, never the key itself.
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
