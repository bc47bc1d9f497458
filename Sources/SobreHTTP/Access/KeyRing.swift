import Signing
import SobreModel
import SobreStore
import SobreWire
import Synchronization

/// The keys of the store, kept in memory for a few seconds: a revoked key is refused at most ``maxAge`` later.
final class KeyRing: Sendable {
    /// Who calls, as far as it is known.
    enum Caller: Sendable, Equatable {
        /// No key is configured and the server listens on loopback: whoever is on this machine.
        case local
        case key(id: String, scopes: Set<String>)

        /// For records of who did something.
        var name: String {
            switch self {
            case .local: "somebody on this machine"
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
        /// A key is needed and none was given.
        case missing
        /// The key is unknown, revoked or expired; the caller is not told which.
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
        /// Once the server listens beyond loopback, a key is needed even if the last one is revoked.
        var isOpenToNetwork = false
    }

    /// - Parameters:
    ///   - store: where the keys' hashes are.
    ///   - clock: tells which keys have expired.
    ///   - ownerKey: a key of this run that may everything; see ``APIServices/ownerKey``.
    ///   - maxAge: how long the keys in memory are trusted before they are read again.
    init(
        store: any AdministrationStore, clock: any TimeSource, ownerKey: String? = nil, maxAge: Duration = .seconds(3)
    ) {
        ownerHash = ownerKey.map(APIKey.hash)
        self.store = store
        self.clock = clock
        self.maxAge = maxAge
        state = Mutex(State())
    }

    /// Says that the server listens beyond loopback.
    func openToNetwork() { state.withLock { $0.isOpenToNetwork = true } }

    /// Forgets what was read, so that the next call sees the store's keys.
    func invalidate() { state.withLock { $0.loadedAt = nil } }

    /// Whether there is any key.
    func isEmpty() async throws(StoreError) -> Bool { try await records().isEmpty }

    /// Finds who calls by the value of `Authorization`.
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
            return .key(id: "owner", scopes: [APIScope.admin.rawValue])
        }
        let now = clock.now()
        // Every record is compared, so that the time taken does not tell how far the search went.
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

/// Why no caller was found.
enum KeyRingError: Error {
    case refused(KeyRing.Refusal)
    case store(StoreError)
}
