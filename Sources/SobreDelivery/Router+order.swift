internal import Glibc
internal import SobreModel
internal import SobreSettings

extension Router.State {
    /// The names of the providers that may take a message, in the order in which this message tries them.
    ///
    /// The order is a function of the message, the weights and the shares, so that a retry goes on where the attempt
    /// before began, and a changed share moves only the messages that it has to move.
    mutating func order(
        of channel: Channel, for delivery: DeliveryID, to address: Address?, only: String?, at now: Instant
    ) -> [String] {
        let names = route(of: channel, to: address, only: only)
        guard names.count > 1 else { return names }
        let shares = names.map { members[$0]!.health.share(at: now) }
        if let weights = routes[channel]?.weights {
            return Self.weighted(names, weights: self.weights(of: names, in: channel, weights), shares, for: delivery)
        }
        guard shares.contains(where: { $0 < 100 }) else { return names }
        // Each provider keeps its part of the messages, and the others come back to it last.
        let kept = names.indices.filter { Self.lot(of: delivery, for: names[$0]) * 100 < Double(shares[$0]) }
        return (kept + names.indices.filter { !kept.contains($0) }).map { names[$0] }
    }

    private func weights(of names: [String], in channel: Channel, _ weights: [Int]) -> [Int] {
        let all = (routes[channel] ?? []).names
        return names.map { name in all.firstIndex(of: name).map { weights[$0] } ?? 0 }
    }

    /// Weighted rendezvous hashing: the smallest of the exponential variates -ln(u)/w belongs to a provider with the
    /// probability of its weight.
    private static func weighted(
        _ names: [String], weights: [Int], _ shares: [Int], for delivery: DeliveryID
    ) -> [String] {
        let scores = names.indices.map { index in
            let weight = Double(weights[index] * shares[index])
            return weight > 0 ? -log(lot(of: delivery, for: names[index])) / weight : .infinity
        }
        return names.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }.map { names[$0] }
    }

    /// A number above 0 and up to 1 that belongs to a message and a provider, spread evenly over all messages.
    private static func lot(of delivery: DeliveryID, for name: String) -> Double {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // The finalizer of SplitMix64.
        hash ^= UInt64(bitPattern: delivery.rawValue) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        hash ^= hash >> 31
        return (Double(hash >> 11) + 1) * 0x1p-53
    }
}
