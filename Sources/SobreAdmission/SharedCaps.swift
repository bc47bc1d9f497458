import SobreModel

/// The caps of another profile that holds an address which a message would reach. A send is judged by the caps of all
/// who hold the address.
struct SharedCaps {
    /// The position of the profile in `facts.holders`.
    let holder: Int
    /// The question about that profile: its contacts, limits, zones and attributes.
    let evaluation: Evaluation
    /// The positions of the rules that restrain the profile.
    var rules: [Int32]

    /// Only the rules that hold a message, in place of dropping it.
    func holding() -> SharedCaps {
        SharedCaps(holder: holder, evaluation: evaluation, rules: evaluation.holding(rules))
    }

    /// The first instant from `start` on at which each rule would pass, as far as one pass over them shows; nil for
    /// never.
    func free(_ traits: ContactTraits, _ address: KeyHash, from start: Instant) -> Instant? {
        var next = start
        for position in rules {
            guard let free = evaluation.free(Int(position), traits, address, from: start) else { return nil }
            next = max(next, free)
        }
        return next
    }
}

extension Evaluation {
    /// The caps of the other profiles that hold the address, or one of the further devices that the message reaches.
    /// Empty for most addresses.
    func sharedCaps(_ traits: ContactTraits, _ address: Address) -> [SharedCaps] {
        guard !facts.holders.isEmpty else { return [] }
        let reached = [address.subject] + furtherDevices(beside: address).map(\.subject)
        var shared: [SharedCaps] = []
        for (place, holder) in facts.holders.enumerated() where holder.addresses.contains(where: reached.contains) {
            shared.append(
                SharedCaps(holder: place, evaluation: holders[place], rules: holders[place].matchingCaps(traits)))
        }
        return shared
    }

    /// Those of the caps that hold a message, in place of dropping it.
    func holding(_ capRules: [Int32]) -> [Int32] {
        capRules.filter { policy.rules.caps[Int($0)].finalAction == .hold }
    }

    /// Whether more profiles hold an address that the message would reach than are judged together.
    func isCrowded(_ address: Address) -> Bool {
        guard !facts.crowdedAddresses.isEmpty else { return false }
        return ([address] + furtherDevices(beside: address)).contains { facts.crowdedAddresses.contains($0.subject) }
    }
}
