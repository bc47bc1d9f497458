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

    public var email = Counts()
    public var sms = Counts()
    public var push = Counts()
    /// Openings and clicks by hour of the week on the person's own clock, Monday 00:00–00:59 first: 168 counters, or
    /// none at all when nothing was recorded yet.
    public private(set) var hours: [UInt16] = []

    public init() {}

    /// Nothing is known.
    public static let none = Engagement()

    public var isNone: Bool { self == .none }

    public subscript(channel: Channel) -> Counts {
        get {
            switch channel {
            case .email: email
            case .sms: sms
            case .push: push
            }
        }
        set {
            switch channel {
            case .email: email = newValue
            case .sms: sms = newValue
            case .push: push = newValue
            }
        }
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
        switch event {
        case .delivered: one.delivered = 1
        case .opened: one.opened = 1
        case .clicked: one.clicked = 1
        }
        self[channel].merge(one)
        guard event != .delivered, let hourOfWeek, (0..<Self.hoursPerWeek).contains(hourOfWeek) else { return }
        if hours.isEmpty { hours = [UInt16](repeating: 0, count: Self.hoursPerWeek) }
        hours[hourOfWeek] = saturatingSum(hours[hourOfWeek], 1)
    }

    /// Adds what another has counted: for merged people, and for a prior from many.
    public mutating func merge(_ other: Engagement) {
        email.merge(other.email)
        sms.merge(other.sms)
        push.merge(other.push)
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

extension Engagement {
    /// For stores: a compact form. Nine counters of four bytes, then hour and counter of each hour with any (three
    /// bytes each), all little-endian; empty when nothing is known.
    public var encoded: [UInt8] {
        if isNone { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(36 + 24)
        for counts in [email, sms, push] {
            for value in [counts.delivered, counts.opened, counts.clicked] {
                for shift in stride(from: UInt32(0), to: 32, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: value >> shift))
                }
            }
        }
        for (hour, count) in hours.enumerated() where count > 0 {
            bytes.append(UInt8(hour))
            bytes.append(UInt8(truncatingIfNeeded: count))
            bytes.append(UInt8(truncatingIfNeeded: count >> 8))
        }
        return bytes
    }

    /// Reads ``encoded``. Nil when the bytes are none that it writes.
    public init?(encoded bytes: [UInt8]) {
        self.init()
        if bytes.isEmpty { return }
        guard bytes.count >= 36, (bytes.count - 36) % 3 == 0 else { return nil }
        func counter(_ place: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[place * 4 + $1]) << UInt32($1 * 8) }
        }
        email = Counts(delivered: counter(0), opened: counter(1), clicked: counter(2))
        sms = Counts(delivered: counter(3), opened: counter(4), clicked: counter(5))
        push = Counts(delivered: counter(6), opened: counter(7), clicked: counter(8))
        if bytes.count > 36 { hours = [UInt16](repeating: 0, count: Self.hoursPerWeek) }
        for place in stride(from: 36, to: bytes.count, by: 3) {
            let hour = Int(bytes[place])
            guard hour < Self.hoursPerWeek else { return nil }
            hours[hour] = UInt16(bytes[place + 1]) | UInt16(bytes[place + 2]) << 8
        }
    }
}
