import HistoryChecker

/// A small generator that gives the same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// A generator for one purpose. Its numbers do not depend on how often other generators are used.
    init(_ seed: UInt64, _ purpose: UInt64...) {
        state = seed
        for part in purpose { state = next() ^ (part &* 0x9e37_79b9_7f4a_7c15) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// True with this probability in thousandths.
    mutating func chance(_ perMille: Int) -> Bool { Int(next() % 1000) < perMille }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(next() % UInt64(values.count))] }

    /// What a provider reports about a request that it accepted or answered unclearly. The reports are always true.
    static func reportedEvents(_ seed: UInt64, _ number: Int, isTaken: Bool) -> [ReportedEvent] {
        var random = Seeded(seed, 0x5445_4c4c, UInt64(number))
        guard isTaken else { return random.chance(500) ? [.rejected] : [] }
        switch random.next() % 100 {
        case 0..<7: return [.bouncedHard]
        case 7..<13: return random.chance(500) ? [.bouncedSoft, .delivered] : [.bouncedSoft]
        case 13..<17: return [.failed]
        case 17..<20: return [.delivered, .opened, .complained]
        case 20..<24: return [.delivered, .opened, .unsubscribed]
        case 24..<29: return [.delivered, .clicked, .converted]
        default:
            return [ReportedEvent.delivered, .opened, .clicked].filter { random.chance($0 == .delivered ? 800 : 350) }
        }
    }
}
