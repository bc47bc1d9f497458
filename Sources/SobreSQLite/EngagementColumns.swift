import SobreModel
import SobreStore

extension EngagementChange.Counter {
    /// Where a counter stands among a person's: three a channel, then the hours of the week.
    var slot: Int64 {
        switch self {
        case .event(let event, let channel): Int64(channel.rawValue - 1) * 3 + Int64(event.rawValue - 1)
        case .hour(let hour): 16 + Int64(hour)
        }
    }
}

/// How a person's engagement stands in its rows.
enum EngagementColumns {
    static let sql = "SELECT slot, count FROM engagement WHERE person = ? AND count > 0 ORDER BY slot"

    /// Reads the rows of one person, who is bound.
    static func read(_ row: Statement) throws(StoreError) -> Engagement {
        defer { row.reset() }
        var counters = [UInt32](repeating: 0, count: 9)
        var hours: [(hour: UInt8, count: UInt16)] = []
        while try row.step() {
            let slot = row.int(0)
            if counters.indices.contains(Int(slot)) {
                counters[Int(slot)] = UInt32(clamping: row.int(1))
            } else if (16..<16 + Int64(Engagement.hoursPerWeek)).contains(slot) {
                hours.append((UInt8(slot - 16), UInt16(clamping: row.int(1))))
            }
        }
        if hours.isEmpty, counters.allSatisfy({ $0 == 0 }) { return .none }
        var bytes: [UInt8] = []
        for value in counters {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        for item in hours {
            bytes += [item.hour, UInt8(truncatingIfNeeded: item.count), UInt8(truncatingIfNeeded: item.count >> 8)]
        }
        return Engagement(encoded: bytes) ?? .none
    }
}
