import SobreModel

/// A profile with its key hashes, which are expensive to compute. It is a class so that passing it on costs only a
/// reference count.
final class Person {
    let profile: Profile
    /// The ID, each alias, each address.
    let subjects: [KeyHash]
    /// How many of the subjects are names: the ID and the aliases.
    let names: Int
    /// The other profiles that hold one of the addresses; nil when they have not been read. Written by the thread that
    /// owns the cache.
    var sharing: AddressSharing?

    /// - Parameters:
    ///   - profile: The profile as it is stored.
    ///   - names: The key hash of the ID, then those of the aliases. There are more than the profile has aliases when
    ///     some are known by their hashes only.
    ///   - mayShare: Whether another profile may hold one of the addresses.
    init(_ profile: Profile, names: [KeyHash], mayShare: Bool) {
        self.profile = profile
        self.names = names.count
        sharing = mayShare ? nil : AddressSharing()
        subjects = names + profile.addresses.map(\.subject)
    }

    /// Whether the profile has this ID or alias.
    func isNamed(_ id: String) -> Bool { profile.id == id || profile.aliases.contains(id) }

    func subject(of address: Address) -> KeyHash? {
        guard let index = profile.addresses.firstIndex(of: address) else { return nil }
        return subjects[index + names]
    }
}

/// The recently used profiles, at most twice `capacity`. When the young half is full, the old half is evicted.
struct ProfileCache {
    private let capacity: Int
    private var young: [KeyHash: Person] = [:]
    private var old: [KeyHash: Person] = [:]

    init(capacity: Int) { self.capacity = max(1, capacity) }

    subscript(key: KeyHash) -> Person? {
        mutating get {
            if let person = young[key] { return person }
            guard let person = old[key] else { return nil }
            insert(person, for: key)
            return person
        }
    }

    mutating func insert(_ person: Person, for key: KeyHash) {
        if young.count >= capacity {
            old = young
            young = [:]
        }
        young[key] = person
    }

    /// The number of profiles in memory.
    var count: Int { young.count + old.count }

    mutating func remove(_ key: KeyHash) {
        young[key] = nil
        old[key] = nil
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }
}
