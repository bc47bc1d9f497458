import SobreModel
import Testing

@testable import SobreNode

@Suite("Growth of unknown outcomes") struct UnknownGrowthTests {
    private let start = Instant(milliseconds: 1_000_000_000)

    private func growth(_ counts: [(second: Int64, count: Int)]) -> Int {
        var growth = UnknownGrowth()
        for (second, count) in counts { growth.add(count, at: start + .seconds(second), window: .seconds(600)) }
        return growth.growth
    }

    @Test func `what was there at the first count is no growth`() {
        #expect(growth([(0, 500)]) == 0)
        #expect(growth([(0, 500), (5, 500)]) == 0)
    }

    @Test func `it is counted from the least within the window`() {
        #expect(growth([(0, 10), (5, 12), (300, 25)]) == 15)
        #expect(growth([(0, 10), (5, 30), (10, 14), (15, 34)]) == 24)
        // Receipts have resolved some.
        #expect(growth([(0, 30), (5, 4), (10, 6)]) == 2)
    }

    @Test func `what is older than the window counts no more`() {
        #expect(growth([(0, 10), (5, 30), (606, 30)]) == 0)
        #expect(growth([(0, 10), (590, 30)]) == 20)
        let each = (0..<1_300).map { (second: Int64($0), count: $0) }
        #expect((590...610).contains(growth(each)))
    }

    @Test func `a clock that was set back forgets what lies ahead`() {
        #expect(growth([(100, 10), (105, 50), (0, 60)]) == 0)
    }
}
