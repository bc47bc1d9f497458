import SobreModel
import SobreStoreColumns

/// A position in one partition of the queue.
struct QueueKey: Comparable {
    var dueAt: Int64
    var delivery: Int64

    static let first = QueueKey(dueAt: .min, delivery: .min)

    static func < (a: QueueKey, b: QueueKey) -> Bool { (a.dueAt, a.delivery) < (b.dueAt, b.delivery) }
}

/// An active claim. Leases are kept in memory, because one process owns the directory. They end when the process ends.
///
/// A class, because a lease is also kept for undoing. Confined to the writer thread.
final class Lease {
    let epoch: Int64
    let until: Instant
    /// The section of the queue in which the delivery stands; see `Core+Pauses`.
    let section: Int64
    let channel: Channel
    let rank: Int64
    let key: QueueKey
    let state: DeliveryState
    let attempts: Int
    let flags: QueueFlags
    let campaign: KeyHash
    let reason: String
    /// The recipient as the claim found it, set once the message has been read.
    var recipient: FoundRecipient?

    init(
        epoch: Int64, until: Instant, section: Int64, channel: Channel, rank: Int64, key: QueueKey,
        state: DeliveryState, attempts: Int, flags: QueueFlags, campaign: KeyHash, reason: String
    ) {
        self.epoch = epoch
        self.until = until
        self.section = section
        self.channel = channel
        self.rank = rank
        self.key = key
        self.state = state
        self.attempts = attempts
        self.flags = flags
        self.campaign = campaign
        self.reason = reason
    }

    var partition: Int { Core.partition(channel, rank) }
    var counterKey: QueueCounters.Key {
        QueueCounters.Key(state: state, channel: channel, campaign: campaign, reason: reason, flags: flags)
    }
}

extension Core {
    static func partition(_ channel: Channel, _ rank: Int64) -> Int {
        channel.index * Priority.allCases.count + Int(rank)
    }

    /// The ranks of the queue, most urgent first.
    static let ranks = Int64(0)..<Int64(Priority.allCases.count)

    static func rank(_ priority: Priority) -> Int64 { priority.rank }
}
