/// Identifies a message. The last four bits are reserved for the slot of a delivery.
///
/// Ids increase with time (42 bits of milliseconds since 1970, 17 bits of sequence, 4 bits of slot), so that tables
/// keyed by them are appended to. The text form has 13 lower-case characters of Crockford's base 32, for example
/// `01jd3v8k6m1r0`.
public struct MessageID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue & ~DeliveryID.slotMask }

    /// Parses the text form of a message id or of one of its delivery ids. Nil when it is neither.
    public init?(_ text: some StringProtocol) {
        guard let delivery = DeliveryID(text) else { return nil }
        self = delivery.message
    }

    public static func < (a: MessageID, b: MessageID) -> Bool { a.rawValue < b.rawValue }

    public var description: String { CrockfordBase32.encode(rawValue) }

    /// The id of the delivery with this slot (0…15).
    public func delivery(_ slot: Int) -> DeliveryID { DeliveryID(rawValue: rawValue | Int64(slot & 15)) }

    /// When the id was created, to the millisecond.
    public var createdAt: Instant { Instant(milliseconds: rawValue >> 21) }
}

/// Identifies one delivery: the message's id with a slot. A delivery uses one channel, or the first that works.
public struct DeliveryID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public var rawValue: Int64

    /// The bits of the slot.
    public static let slotMask: Int64 = 15
    /// How many deliveries a message can have.
    public static let maxSlots = 16

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public init?(_ text: some StringProtocol) {
        guard let value = CrockfordBase32.decode(text) else { return nil }
        self.init(rawValue: value)
    }

    public static func < (a: DeliveryID, b: DeliveryID) -> Bool { a.rawValue < b.rawValue }

    public var message: MessageID { MessageID(rawValue: rawValue) }
    public var slot: Int { Int(rawValue & Self.slotMask) }
    public var description: String { CrockfordBase32.encode(rawValue) }
}

/// Generates ids that always increase, also when the clock steps back or several are generated in one millisecond.
public struct MessageIDGenerator: Sendable {
    private var last: Int64

    /// - Parameter last: the greatest id in the store. Generated ids are greater.
    public init(after last: MessageID?) { self.last = last?.rawValue ?? 0 }

    /// The next id: for this millisecond, or the successor of the last one if the clock has not advanced.
    public mutating func next(at now: Instant) -> MessageID {
        let fresh = max(0, now.milliseconds) << 21
        last = max(fresh, last + 16)
        return MessageID(rawValue: last)
    }
}

/// Crockford's base 32 (https://www.crockford.com/base32.html) for 64-bit values, without a check symbol.
enum CrockfordBase32 {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    static func encode(_ value: Int64) -> String {
        let bits = UInt64(bitPattern: value)
        return String(unsafeUninitializedCapacity: 13) { buffer in
            for index in 0..<13 { buffer[index] = digits[Int(bits >> UInt64(60 - index * 5) & 31)] }
            return 13
        }
    }

    static func decode(_ text: some StringProtocol) -> Int64? {
        var value: UInt64 = 0
        var count = 0
        for byte in text.utf8 {
            guard let digit = digits.firstIndex(of: byte | (byte >= 65 ? 0x20 : 0)) else { return nil }
            guard count > 0 || digit < 16 else { return nil }
            value = value << 5 | UInt64(digit)
            count += 1
        }
        return count == 13 && value <= UInt64(Int64.max) ? Int64(value) : nil
    }
}
