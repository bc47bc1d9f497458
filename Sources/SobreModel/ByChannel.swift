/// A value for each channel, found by the channel's place in the table instead of by hashing.
///
/// Costs no memory until a value differs from the one that all channels begin with.
public struct ByChannel<Value: Hashable & Sendable>: Hashable, Sendable {
    private let initial: Value
    /// Up to the last channel whose value is not the initial one, so that equal contents are equal.
    private var values: [Value] = []

    /// All channels begin with `initial`.
    public init(repeating initial: Value) { self.initial = initial }

    public subscript(channel: Channel) -> Value {
        get { channel.index < values.count ? values[channel.index] : initial }
        set {
            if channel.index >= values.count {
                if newValue == initial { return }
                values += repeatElement(initial, count: channel.index + 1 - values.count)
            }
            values[channel.index] = newValue
            while values.last == initial { values.removeLast() }
        }
    }

    /// The channels whose value is not the initial one, in the table's order.
    public var channels: [Channel] { Channel.allCases.filter { self[$0] != initial } }
}
