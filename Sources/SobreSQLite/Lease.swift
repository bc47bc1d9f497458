import SobreModel

/// A place in one partition of the queue.
struct QueueKey: Comparable {
    var dueAt: Int64
    var delivery: Int64

    static let first = QueueKey(dueAt: .min, delivery: .min)

    static func < (a: QueueKey, b: QueueKey) -> Bool { (a.dueAt, a.delivery) < (b.dueAt, b.delivery) }
}

/// A claim that is held. Leases live in memory: the process owns the directory, and its end frees them all.
struct Lease {
    var epoch: Int64
    var until: Instant
    var channel: Channel
    var rank: Int64
    var key: QueueKey
    var state: DeliveryState
    var attempts: Int
    var flags: QueueFlags

    var partition: Int { Core.partition(channel, rank) }
}

/// What a waiting delivery remembers of its past.
struct QueueFlags: OptionSet {
    var rawValue: Int64
    /// An earlier attempt's outcome stayed unknown.
    static let possibleDuplicate = QueueFlags(rawValue: 1)
    /// It waits on the channel on which an attempt was already made.
    static let hasBegun = QueueFlags(rawValue: 2)
    /// The channels of the plan before the one it waits on are out.
    static let beginsAtChannel = QueueFlags(rawValue: 4)
}

extension Core {
    static func partition(_ channel: Channel, _ rank: Int64) -> Int {
        channel.index * Priority.allCases.count + Int(rank)
    }

    /// The ranks of the queue, the most urgent first.
    static let ranks = Int64(0)..<Int64(Priority.allCases.count)

    static func rank(_ priority: Priority) -> Int64 { Int64(Priority.critical.rawValue) - Int64(priority.rawValue) }
}
