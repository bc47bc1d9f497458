import SobreModel

/// A profile with its names in the ledger, which take time to compute.
struct Person {
    var profile: Profile
    var subjects: [Symbol]

    init(_ profile: Profile) {
        self.profile = profile
        subjects = profile.subjects
    }

    func subject(of address: Address) -> Symbol? {
        guard let index = profile.addresses.firstIndex(of: address) else { return nil }
        return subjects[index + 1]
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
