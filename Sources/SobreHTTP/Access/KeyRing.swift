import Signing
import SobreModel
import SobreStore
import SobreWire
import Synchronization

/// The store's API keys, cached for at most ``maxAge``. A revoked key is rejected no later than that.
final class KeyRing: Sendable {
    /// The id under which the key of the owner of the data directory calls.
    static let ownerID = "owner"

    /// The authenticated caller.
    enum Caller: Sendable, Equatable {
        /// Any program on this machine. Used when no key exists and the server listens on loopback.
        case local
        case key(id: String, scopes: Set<String>)

        /// The name under which the caller's actions are recorded.
        var name: String {
            switch self {
            case .local: "a client on this machine"
            case .key(let id, _): "key:\(id)"
            }
        }

        func may(_ scope: APIScope) -> Bool {
            switch self {
            case .local: true
            case .key(_, let scopes): scopes.contains(scope.rawValue) || scopes.contains(APIScope.admin.rawValue)
            }
        }
    }

    enum Refusal: Error, Equatable {
        /// A key is required, but the request has none.
        case missing
        /// The key is unknown, revoked or expired. The response does not say which.
        case invalid
    }

    private let store: any AdministrationStore
    private let clock: any TimeSource
    private let maxAge: Duration
    private let ownerHash: [UInt8]?
    private let state: Mutex<State>

    private struct State {
        var records: [APIKeyRecord] = []
        var loadedAt: ContinuousClock.Instant?
        /// Whether the server listens beyond loopback. Then a key is required even after the last one is revoked.
        var isOpenToNetwork = false
    }

    /// - Parameters:
    ///   - store: holds the hashes of the keys.
    ///   - clock: the current time, which decides whether a key has expired.
    ///   - ownerKey: a key with every scope, valid for this run; see ``APIServices/ownerKey``.
    ///   - maxAge: how long cached keys are used before they are read again.
    init(
        store: any AdministrationStore, clock: any TimeSource, ownerKey: String? = nil, maxAge: Duration = .seconds(3)
    ) {
        ownerHash = ownerKey.map(APIKey.hash)
        self.store = store
        self.clock = clock
        self.maxAge = maxAge
        state = Mutex(State())
    }

    /// Requires a key from now on. Call it when the server listens beyond loopback.
    func openToNetwork() { state.withLock { $0.isOpenToNetwork = true } }

    /// Drops the cache, so that the next call reads the store.
    func invalidate() { state.withLock { $0.loadedAt = nil } }

    /// Whether the store has no keys.
    func isEmpty() async throws(StoreError) -> Bool { try await records().isEmpty }

    /// Authenticates the value of the `Authorization` header.
    func caller(authorization: String?) async throws(KeyRingError) -> Caller {
        let records: [APIKeyRecord]
        do { records = try await self.records() } catch { throw .store(error) }
        guard let authorization else {
            if records.isEmpty, !state.withLock({ $0.isOpenToNetwork }) { return .local }
            throw .refused(.missing)
        }
        guard authorization.utf8.count <= 512, let space = authorization.firstIndex(of: " "),
            authorization[..<space].lowercased() == "bearer"
        else { throw .refused(.invalid) }
        let secret = String(authorization[space...].drop { $0 == " " })
        guard secret.hasPrefix("sobre_") else { throw .refused(.invalid) }
        let hash = APIKey.hash(secret)
        if let ownerHash, constantTimeEquals(ownerHash, hash) {
            return .key(id: Self.ownerID, scopes: [APIScope.admin.rawValue])
        }
        let now = clock.now()
        // Compares every record, so that the time taken does not reveal which one matched.
        var found: APIKeyRecord?
        for record in records where constantTimeEquals(record.hash, hash) { found = record }
        guard let found, found.expiresAt.map({ now < $0 }) ?? true else { throw .refused(.invalid) }
        return .key(id: found.id, scopes: found.scopes)
    }

    private func records() async throws(StoreError) -> [APIKeyRecord] {
        let now = ContinuousClock.now
        let cached = state.withLock { state in
            state.loadedAt.map { now - $0 < maxAge } == true ? state.records : nil
        }
        if let cached { return cached }
        let fresh = try await store.keys()
        state.withLock { state in
            state.records = fresh
            state.loadedAt = now
        }
        return fresh
    }
}

/// The error when a caller cannot be authenticated.
enum KeyRingError: Error {
    case refused(KeyRing.Refusal)
    case store(StoreError)
}
