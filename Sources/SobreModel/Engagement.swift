/// What a recipient (or, as a prior, all recipients) did with messages, by channel and by hour of the week.
///
/// Counters only grow, and saturate. Two values can be merged in any order. Decisions use them to order channels
/// (`route: best`) and to find the best time (`send: best_time`), but never to let a message through that a rule stops.
public struct Engagement: Hashable, Sendable {
    /// The results of the messages on one channel.
    public struct Counts: Hashable, Sendable {
        /// Messages delivered, or sent where the provider reports nothing more.
        public var delivered: UInt32
        /// Messages opened at least once.
        public var opened: UInt32
        /// Messages clicked at least once.
        public var clicked: UInt32

        public init(delivered: UInt32 = 0, opened: UInt32 = 0, clicked: UInt32 = 0) {
            self.delivered = delivered
            self.opened = opened
            self.clicked = clicked
        }

        /// The counter for an event.
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

    /// An event that is counted.
    public enum Event: UInt8, CaseIterable, Sendable {
        case delivered = 1
        case opened = 2
        case clicked = 3
    }

    public static let hoursPerWeek = 168

    private var counts = ByChannel(repeating: Counts())
    /// Openings and clicks by hour of the week in the recipient's time zone, Monday 00:00–00:59 first. Has 168
    /// counters, or none when nothing was recorded yet.
    public private(set) var hours: [UInt16] = []

    public init() {}

    /// Sets one stored counter. For stores.
    ///
    /// - Returns: false, with nothing changed, when there is no such hour.
    public mutating func set(hour: Int, to count: UInt16) -> Bool {
        guard (0..<Self.hoursPerWeek).contains(hour) else { return false }
        if hours.isEmpty { hours = [UInt16](repeating: 0, count: Self.hoursPerWeek) }
        hours[hour] = count
        return true
    }

    /// No events.
    public static let none = Engagement()

    public var isNone: Bool { self == .none }

    public subscript(channel: Channel) -> Counts {
        get { counts[channel] }
        set { counts[channel] = newValue }
    }

    /// Counts one event.
    ///
    /// - Parameters:
    ///   - event: the event. Call this once per message and event; the caller knows what it has already counted.
    ///   - channel: the channel of the message.
    ///   - hourOfWeek: 0…167, Monday 00:00 first, in the recipient's time zone when the event happened. Nil when the
    ///     event says nothing about habits, such as a delivery or an opening by a machine.
    public mutating func record(_ event: Event, on channel: Channel, hourOfWeek: Int? = nil) {
        var one = Counts()
        one[event] = 1
        self[channel].merge(one)
        guard event != .delivered, let hourOfWeek, (0..<Self.hoursPerWeek).contains(hourOfWeek) else { return }
        if hours.isEmpty { hours = [UInt16](repeating: 0, count: Self.hoursPerWeek) }
        hours[hourOfWeek] = saturatingSum(hours[hourOfWeek], 1)
    }

    /// Adds the counters of another value. For merged profiles, and for a prior from many recipients.
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
