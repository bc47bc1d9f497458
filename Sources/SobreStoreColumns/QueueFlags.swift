public import SobreModel

/// What is stored about the earlier attempts of a waiting delivery.
public struct QueueFlags: OptionSet, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// The outcome of an earlier attempt is unknown.
    public static let possibleDuplicate = QueueFlags(rawValue: 1)
    /// An attempt was already made on the channel that the delivery waits for.
    public static let hasBegun = QueueFlags(rawValue: 2)
    /// The channels of the plan before the one that the delivery waits for are excluded.
    public static let beginsAtChannel = QueueFlags(rawValue: 4)
    /// The delivery is counted with those of other campaigns, where a store counts in memory.
    public static let furtherCampaign = QueueFlags(rawValue: 8)
}

extension Priority {
    /// The priority's place in the queue: 0 is the most urgent.
    public var rank: Int64 { Int64(Priority.critical.rawValue) - Int64(rawValue) }
}
