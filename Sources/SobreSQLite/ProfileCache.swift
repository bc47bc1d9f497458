import SobreModel

/// A profile with its names in the ledger, which take time to compute. A class, so that handing it on costs one count.
final class Person {
    let profile: Profile
    /// The id, each alias, each address.
    let subjects: [Symbol]
    /// How many of the subjects are the person itself: the id and the aliases.
    let names: Int

    /// - Parameters:
    ///   - profile: as it is stored.
    ///   - names: the id's symbol, then those of the aliases; more than the profile names where some are known by their
    ///     symbols only.
    init(_ profile: Profile, names: [Symbol]) {
        self.profile = profile
        self.names = names.count
        subjects = names + profile.addresses.map(\.subject)
    }

    /// Whether the person goes by this id.
    func isNamed(_ id: String) -> Bool { profile.id == id || profile.aliases.contains(id) }

    func subject(of address: Address) -> Symbol? {
        guard let index = profile.addresses.firstIndex(of: address) else { return nil }
        return subjects[index + names]
    }
}

/// The profiles that were used last, at most twice `capacity`: when the young half is full, the old one is forgotten.
struct ProfileCache {
    private let capacity: Int
    private var young: [Symbol: Person] = [:]
    private var old: [Symbol: Person] = [:]

    init(capacity: Int) { self.capacity = max(1, capacity) }

    subscript(key: Symbol) -> Person? {
        mutating get {
            if let person = young[key] { return person }
            guard let person = old[key] else { return nil }
            insert(person, for: key)
            return person
        }
    }

    mutating func insert(_ person: Person, for key: Symbol) {
        if young.count >= capacity {
            old = young
            young = [:]
        }
        young[key] = person
    }

    mutating func remove(_ key: Symbol) {
        young[key] = nil
        old[key] = nil
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }
}
