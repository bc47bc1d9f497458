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

/// A recipient as it was found in ``ProfileCache`` or in the tables.
struct FoundRecipient {
    /// The key hash of the name that was looked for.
    var name: KeyHash
    /// Nil when no profile has this name.
    var person: Person?
    /// The ``ProfileCache/generation`` in which it was found. In a later one it must be looked for again.
    var generation: Int
}

/// The recently used profiles, at most twice `capacity`. When the young half is full, the old half is evicted.
struct ProfileCache {
    private let capacity: Int
    private var young: [KeyHash: Person] = [:]
    private var old: [KeyHash: Person] = [:]
    /// Increases with each change of a stored profile. What was found before may be out of date.
    private(set) var generation = 0

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
        generation += 1
        young[key] = nil
        old[key] = nil
    }

    mutating func removeAll() {
        generation += 1
        young = [:]
        old = [:]
    }
}
