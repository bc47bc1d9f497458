import Testing

@testable import SobreSimulation

@Suite("What is held waits in order") struct DueQueueTests {
    @Test func `nodes leave by due time, then priority, then id, however they came`() {
        var nodes: [DueQueue.Node] = []
        for due in Int64(0)..<6 {
            for rank in UInt8(0)..<3 {
                for delivery in Int64(0)..<4 {
                    nodes.append(DueQueue.Node(due: due, delivery: delivery, entry: 0, holds: 0, rule: -1, rank: rank))
                }
            }
        }
        var random = Seeded(state: 7)
        for _ in 0..<20 {
            var queue = DueQueue()
            for node in nodes.shuffled(using: &random) { queue.push(node) }
            #expect(queue.count == nodes.count)
            var left: [DueQueue.Node] = []
            while let node = queue.pop() { left.append(node) }
            #expect(
                left.map { [$0.due, Int64($0.rank), $0.delivery] }
                    == nodes.map { [$0.due, Int64($0.rank), $0.delivery] })
        }
    }
}

/// A small seeded generator (SplitMix64), so that a failing history can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
