import SobreModel
import SobreStore

extension EngagementChange.Counter {
    /// The number of a counter in the table `engagement`. The hours of the week start at
    /// ``EngagementColumns/firstHour``. The events of each channel follow, with 256 numbers for each channel.
    var slot: Int64 {
        switch self {
        case .event(let event, let channel): Int64(channel.rawValue) << 8 | Int64(event.rawValue)
        case .hour(let hour): EngagementColumns.firstHour + Int64(hour)
        }
    }
}

/// The rows of a recipient's engagement.
enum EngagementColumns {
    static let sql = "SELECT slot, count FROM engagement WHERE person = ? AND count > 0 ORDER BY slot"
    static let firstHour: Int64 = 16

    /// Reads the rows of the recipient that is bound to the statement.
    ///
    /// - Throws: `StoreError` when the rows cannot be read or use a counter that this version does not know.
    static func read(_ row: Statement) throws(StoreError) -> Engagement {
        defer { row.reset() }
        var engagement = Engagement.none
        while try row.step() {
            let slot = row.int(0)
            if slot < 1 << 8 {
                guard engagement.set(hour: Int(slot - firstHour), to: UInt16(clamping: row.int(1))) else {
                    throw .unreadable("counter \(slot)", in: "engagement.slot", of: slot)
                }
            } else {
                guard let channel = UInt8(exactly: slot >> 8).flatMap({ Channel(rawValue: $0) }),
                    let event = Engagement.Event(rawValue: UInt8(truncatingIfNeeded: slot))
                else { throw .unreadable("counter \(slot)", in: "engagement.slot", of: slot) }
                engagement[channel][event] = UInt32(clamping: row.int(1))
            }
        }
        return engagement
    }
}
