public import SobreModel

/// Deliveries that wait, counted for operators.
public struct Backlog: Hashable, Sendable {
    /// The number of deliveries of one channel in one state.
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

    /// Items with a count of zero are left out.
    public var items: [Item]
    /// For each channel, when its longest overdue delivery became due. Channels without a due delivery are left out.
    public var oldestDue: [Channel: Instant]

    public init(items: [Item] = [], oldestDue: [Channel: Instant] = [:]) {
        self.items = items
        self.oldestDue = oldestDue
    }
}
