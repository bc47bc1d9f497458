/// What a person (or everybody, as a prior) did with messages: by channel, and by hour of the week.
///
/// Small counters that only grow and saturate; two may be merged in any order. Deciding uses it to order channels
/// (`route: best`) and to find the best time (`send: best_time`); it never lets a message through that a rule stops.
public struct Engagement: Hashable, Sendable {
    /// What became of the messages on one channel.
    public struct Counts: Hashable, Sendable {
        /// Delivered, or sent where the provider tells no more.
        public var delivered: UInt32
        /// Messages of which at least one opening was seen.
        public var opened: UInt32
        /// Messages of which at least one click was seen.
        public var clicked: UInt32

        public init(delivered: UInt32 = 0, opened: UInt32 = 0, clicked: UInt32 = 0) {
            self.delivered = delivered
            self.opened = opened
            self.clicked = clicked
        }

        /// The counter of an event.
        public subscript(event: Event) -> UInt32 {
            get {
                switch event {
                case .delivered: delivered
                case .opened: opened
                case .clicked: clicked
                }
            }
            set {
                switch event {
                case .delivered: delivered = newValue
                case .opened: opened = newValue
                case .clicked: clicked = newValue
                }
            }
        }

        mutating func merge(_ other: Counts) {
            delivered = saturatingSum(delivered, other.delivered)
            opened = saturatingSum(opened, other.opened)
            clicked = saturatingSum(clicked, other.clicked)
        }
    }

    /// A sign of life that is counted.
    public enum Event: UInt8, CaseIterable, Sendable {
        case delivered = 1
        case opened = 2
        case clicked = 3
    }

    public static let hoursPerWeek = 168

    private var counts = ByChannel(repeating: Counts())
    /// Openings and clicks by hour of the week on the person's own clock, Monday 00:00–00:59 first: 168 counters, or
    /// none at all when nothing was recorded yet.
    public private(set) var hours: [UInt16] = []

    public init() {}

    /// For stores: sets one counter, as it was read.
    ///
    /// - Returns: false, and nothing changed, where there is no such hour.
    public mutating func set(hour: Int, to count: UInt16) -> Bool {
        guard (0..<Self.hoursPerWeek).contains(hour) else { return false }
        if hours.isEmpty { hours = [UInt16](repeating: 0, count: Self.hoursPerWeek) }
        hours[hour] = count
        return true
    }

    /// Nothing is known.
    public static let none = Engagement()

    public var isNone: Bool { self == .none }

    public subscript(channel: Channel) -> Counts {
        get { counts[channel] }
        set { counts[channel] = newValue }
    }

    /// Counts one event.
    ///
    /// - Parameters:
    ///   - event: call it once a message and event: the caller knows what it has counted already.
    ///   - channel: where the message was sent.
    ///   - hourOfWeek: 0…167, Monday 00:00 first, on the person's clock when it happened; nil where the event tells
    ///     nothing about the person's habits (a delivery, or an opening by a machine).
    public mutating func record(_ event: Event, on channel: Channel, hourOfWeek: Int? = nil) {
        var one = Counts()
        one[event] = 1
        self[channel].merge(one)
        guard event != .delivered, let hourOfWeek, (0..<Self.hoursPerWeek).contains(hourOfWeek) else { return }
        if hours.isEmpty { hours = [UInt16](repeating: 0, count: Self.hoursPerWeek) }
        hours[hourOfWeek] = saturatingSum(hours[hourOfWeek], 1)
    }

    /// Adds what another has counted: for merged people, and for a prior from many.
    public mutating func merge(_ other: Engagement) {
        for channel in other.counts.channels { counts[channel].merge(other.counts[channel]) }
        if other.hours.isEmpty { return }
        if hours.isEmpty {
            hours = other.hours
        } else {
            for index in hours.indices { hours[index] = saturatingSum(hours[index], other.hours[index]) }
        }
    }
}

private func saturatingSum<Value: FixedWidthInteger>(_ a: Value, _ b: Value) -> Value {
    let (sum, overflows) = a.addingReportingOverflow(b)
    return overflows ? .max : sum
}
