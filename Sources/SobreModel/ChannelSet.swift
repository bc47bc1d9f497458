/// A set of channels, one bit each: equal in speed to comparing numbers.
public struct ChannelSet: Hashable, Sendable {
    /// By ``Channel/index``. A table of more than 64 channels does not compile into a right answer: a test counts them.
    private var bits: UInt64

    public static let none = ChannelSet(bits: 0)
    public static let all = ChannelSet(bits: .max)

    private init(bits: UInt64) { self.bits = bits }

    public init(_ channels: some Sequence<Channel>) {
        bits = 0
        for channel in channels { insert(channel) }
    }

    public mutating func insert(_ channel: Channel) { bits |= 1 << UInt64(channel.index) }

    public func contains(_ channel: Channel) -> Bool { bits & (1 << UInt64(channel.index)) != 0 }

    public func isDisjoint(with other: ChannelSet) -> Bool { bits & other.bits == 0 }
}
