import SobreModel
import SobreStore
import Synchronization

/// Claims that have no place with a provider yet, by channel.
///
/// Several workers claim side by side. Without this count each would claim as many as there is room for, and all but one
/// of them would give theirs back.
final class ClaimsInHand: Sendable {
    private let counts = Mutex<[Channel: Int]>([:])

    /// What is left of the providers' room. Channels without any are left out.
    func rest(of room: [Channel: Int]) -> [Channel: Int] {
        counts.withLock { counts in
            var rest: [Channel: Int] = [:]
            for (channel, count) in room {
                let left = count == .max ? count : count - (counts[channel] ?? 0)
                if left > 0 { rest[channel] = left }
            }
            return rest
        }
    }

    /// Counts claims.
    func add(_ count: Int, on channel: Channel) { counts.withLock { $0[channel, default: 0] += count } }

    /// Counts claims by the channels that they begin on.
    func add(_ claims: [ClaimedDelivery]) { change(by: 1, claims) }

    /// Forgets claims that have their place, or need none.
    func remove(_ claims: [ClaimedDelivery]) { change(by: -1, claims) }

    private func change(by step: Int, _ claims: [ClaimedDelivery]) {
        counts.withLock { counts in
            // Most batches are of one channel, so its claims are counted together.
            var channel: Channel?
            var sum = 0
            for index in claims.indices {
                let next = Self.channel(of: claims[index])
                if next != channel {
                    if let channel { counts[channel, default: 0] += sum }
                    channel = next
                    sum = 0
                }
                sum += step
            }
            if let channel { counts[channel, default: 0] += sum }
        }
    }

    private static func channel(of claimed: ClaimedDelivery) -> Channel {
        claimed.channel ?? claimed.message.firstPlannedChannel(of: claimed.claim.delivery) ?? .email
    }
}
