/// A value for each channel, stored in an array by ``Channel/index`` instead of in a hash table.
///
/// Uses no heap memory until a value differs from the initial one.
public struct ByChannel<Value: Hashable & Sendable>: Hashable, Sendable {
    private let initial: Value
    /// Ends at the last channel whose value is not the initial one, so that equal contents are equal.
    private var values: [Value] = []

    /// Sets all channels to `initial`.
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

    /// The channels whose value is not the initial one, in the order of the table.
    public var channels: [Channel] { Channel.allCases.filter { self[$0] != initial } }
}
