import SobreModel

/// A profile with its names in the ledger, which take time to compute. A class, so that handing it on costs one count.
final class Person {
    let profile: Profile
    /// The id, each alias, each address.
    let subjects: [KeyHash]
    /// How many of the subjects are the person itself: the id and the aliases.
    let names: Int

    /// - Parameters:
    ///   - profile: as it is stored.
    ///   - names: the id's key hash, then those of the aliases; more than the profile names where some are known by their
    ///     key hashes only.
    init(_ profile: Profile, names: [KeyHash]) {
        self.profile = profile
        self.names = names.count
        subjects = names + profile.addresses.map(\.subject)
    }

    /// Whether the person goes by this id.
    func isNamed(_ id: String) -> Bool { profile.id == id || profile.aliases.contains(id) }

    func subject(of address: Address) -> KeyHash? {
        guard let index = profile.addresses.firstIndex(of: address) else { return nil }
        return subjects[index + names]
    }
}

/// The profiles that were used last, at most twice `capacity`: when the young half is full, the old one is forgotten.
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

    mutating func remove(_ key: KeyHash) {
        young[key] = nil
        old[key] = nil
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }
}
