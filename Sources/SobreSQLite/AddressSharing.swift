import SobreModel

/// The other profiles that hold an address of a profile.
struct AddressSharing {
    struct Holder {
        /// The key hash of the profile's ID.
        var person: KeyHash
        /// The addresses that both hold.
        var addresses: [KeyHash]
    }

    /// Those that are judged together, each once.
    var holders: [Holder] = []
    /// The addresses that more profiles hold than are judged together.
    var crowded: [KeyHash] = []

    var isNone: Bool { holders.isEmpty && crowded.isEmpty }

    mutating func add(_ person: KeyHash, at address: KeyHash) {
        if let index = holders.firstIndex(where: { $0.person == person }) {
            holders[index].addresses.append(address)
        } else {
            holders.append(Holder(person: person, addresses: [address]))
        }
    }

    /// The profiles that hold one of these addresses.
    func holders(of addresses: [KeyHash]) -> [KeyHash] {
        holders.filter { $0.addresses.contains(where: addresses.contains) }.map(\.person)
    }
}
