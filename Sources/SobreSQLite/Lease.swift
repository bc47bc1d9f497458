import SobreModel

/// A position in one partition of the queue.
struct QueueKey: Comparable {
    var dueAt: Int64
    var delivery: Int64

    static let first = QueueKey(dueAt: .min, delivery: .min)

    static func < (a: QueueKey, b: QueueKey) -> Bool { (a.dueAt, a.delivery) < (b.dueAt, b.delivery) }
}

/// An active claim. Leases are kept in memory, because one process owns the directory. They end when the process ends.
struct Lease {
    var epoch: Int64
    var until: Instant
    /// The section of the queue in which the delivery stands; see `Core+Pauses`.
    var section: Int64
    var channel: Channel
    var rank: Int64
    var key: QueueKey
    var state: DeliveryState
    var attempts: Int
    var flags: QueueFlags
    var campaign: KeyHash
    var reason: String

    var partition: Int { Core.partition(channel, rank) }
    var counterKey: QueueCounters.Key {
        QueueCounters.Key(state: state, channel: channel, campaign: campaign, reason: reason, flags: flags)
    }
}

/// What is stored about the earlier attempts of a waiting delivery.
struct QueueFlags: OptionSet {
    var rawValue: Int64
    /// The outcome of an earlier attempt is unknown.
    static let possibleDuplicate = QueueFlags(rawValue: 1)
    /// An attempt was already made on the channel that the delivery waits for.
    static let hasBegun = QueueFlags(rawValue: 2)
    /// The channels of the plan before the one that the delivery waits for are excluded.
    static let beginsAtChannel = QueueFlags(rawValue: 4)
    /// The delivery is counted with those of other campaigns; see `QueueCounters`.
    static let furtherCampaign = QueueFlags(rawValue: 8)
}

extension Core {
    static func partition(_ channel: Channel, _ rank: Int64) -> Int {
        channel.index * Priority.allCases.count + Int(rank)
    }

    /// The ranks of the queue, most urgent first.
    static let ranks = Int64(0)..<Int64(Priority.allCases.count)

    static func rank(_ priority: Priority) -> Int64 { Int64(Priority.critical.rawValue) - Int64(priority.rawValue) }
}
