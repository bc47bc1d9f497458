public import SobreModel
public import SobreStore

/// The number of a counter in the table `engagement`. The hours of the week start at 16. The events of each channel
/// follow, with 256 numbers for each channel.
public enum EngagementSlot {
    private static let firstHour: Int64 = 16

    /// - Parameter counter: a counter.
    /// - Returns: its number.
    public static func number(_ counter: EngagementChange.Counter) -> Int64 {
        switch counter {
        case .event(let event, let channel): Int64(channel.rawValue) << 8 | Int64(event.rawValue)
        case .hour(let hour): firstHour + Int64(hour)
        }
    }

    /// Sets a counter.
    ///
    /// - Parameters:
    ///   - slot: the number of the counter.
    ///   - count: how often it was counted.
    ///   - engagement: gets the count.
    /// - Throws: `UnreadableColumn` for a number that this program does not know.
    public static func set(
        _ slot: Int64, to count: Int64, in engagement: inout Engagement
    ) throws(UnreadableColumn) {
        if slot < 1 << 8 {
            guard engagement.set(hour: Int(slot - firstHour), to: UInt16(clamping: count)) else {
                throw UnreadableColumn("counter \(slot)", in: "engagement.slot")
            }
            return
        }
        guard let channel = UInt8(exactly: slot >> 8).flatMap({ Channel(rawValue: $0) }),
            let event = Engagement.Event(rawValue: UInt8(truncatingIfNeeded: slot))
        else { throw UnreadableColumn("counter \(slot)", in: "engagement.slot") }
        engagement[channel][event] = UInt32(clamping: count)
    }
}
