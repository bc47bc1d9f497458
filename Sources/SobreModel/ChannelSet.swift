/// A set of channels with one bit for each, so that tests cost as little as comparing numbers.
public struct ChannelSet: Hashable, Sendable {
    /// Indexed by ``Channel/index``. Holds at most 64 channels; a test checks the number.
    @usableFromInline
    private(set) var bits: UInt64

    public static let none = ChannelSet(bits: 0)
    public static let all = ChannelSet(bits: .max)

    private init(bits: UInt64) { self.bits = bits }

    public init(_ channels: some Sequence<Channel>) {
        bits = 0
        for channel in channels { insert(channel) }
    }

    public mutating func insert(_ channel: Channel) { bits |= 1 << UInt64(channel.index) }

    // Asked for each contact that a rule looks at. The shift is masked, because an index is always below 64.
    @inlinable
    public func contains(_ channel: Channel) -> Bool { bits & (1 &<< UInt64(channel.index)) != 0 }

    public func isDisjoint(with other: ChannelSet) -> Bool { bits & other.bits == 0 }
}
