public import SobreModel

/// What waits, for operators.
public struct Backlog: Hashable, Sendable {
    /// Deliveries of one channel in one state.
    public struct Item: Hashable, Sendable {
        public var channel: Channel
        public var state: DeliveryState
        public var count: Int

        public init(channel: Channel, state: DeliveryState, count: Int) {
            self.channel = channel
            self.state = state
            self.count = count
        }
    }

    /// Only those that are not empty.
    public var items: [Item]
    /// When the delivery that has been due longest became due; only channels with one.
    public var oldestDue: [Channel: Instant]

    public init(items: [Item] = [], oldestDue: [Channel: Instant] = [:]) {
        self.items = items
        self.oldestDue = oldestDue
    }
}
