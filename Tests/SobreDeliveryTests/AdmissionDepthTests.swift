import SobreDelivery
import SobreModel
import Testing

@Suite("What is admitted ahead of a provider's free calls")
struct AdmissionDepthTests {
    static let start = Instant(milliseconds: 1_000_000)

    private func depth(most: Int = 512) -> AdmissionDepth {
        AdmissionDepth(bounds: AheadBounds(reach: .milliseconds(500), most: most))
    }

    /// The depth after calls that began at a steady rate for a while.
    private func steady(rate: Int, for length: Duration, most: Int = 512) -> (depth: AdmissionDepth, now: Instant) {
        var depth = depth(most: most)
        let count = Int(length.milliseconds) * rate / 1_000
        for index in 0...count { depth.began(at: Self.start + .milliseconds(Int64(index * 1_000 / rate))) }
        return (depth, Self.start + length)
    }

    @Test func `it begins at nothing and doubles with each round of calls`() {
        var depth = depth()
        #expect(depth.count(at: Self.start) == 0)
        // One call at a time; each round begins what the round before admitted, ten milliseconds apart.
        var counts: [Int] = []
        var admitted = 1
        for round in 0..<7 {
            let now = Self.start + .milliseconds(Int64(round * 10))
            for _ in 0..<admitted { depth.began(at: now) }
            admitted = depth.count(at: now)
            counts.append(admitted)
        }
        #expect(counts == [1, 2, 4, 8, 16, 32, 64])
    }

    @Test(arguments: [(5, 2...3), (80, 38...41), (800, 390...410), (10_000, 512...512)])
    func `it is what a provider begins within the reach, to the bound`(rate: Int, expected: ClosedRange<Int>) {
        for length in [2_000, 2_130, 2_490] {
            let (depth, now) = steady(rate: rate, for: .milliseconds(Int64(length)))
            #expect(expected.contains(depth.count(at: now)), "\(rate)/s: \(depth.count(at: now))")
        }
    }

    @Test func `a shorter time gets its share of it`() {
        let (depth, now) = steady(rate: 800, for: .seconds(2))
        #expect((15...16).contains(depth.count(within: .milliseconds(20), at: now)))
        #expect(depth.count(within: .seconds(9), at: now) == depth.count(at: now))
        #expect(self.depth(most: 0).count(within: .milliseconds(20), at: now) == 0)
    }

    @Test func `it follows a provider that becomes slower, and ends with the calls`() {
        var (depth, now) = steady(rate: 1_000, for: .seconds(2))
        #expect(depth.count(at: now) >= 490)
        for _ in 0..<20 {
            now = now + .milliseconds(50)
            depth.began(at: now)
        }
        #expect((9...11).contains(depth.count(at: now)), "20/s: \(depth.count(at: now))")
        #expect(depth.count(at: now + .milliseconds(500)) <= 10)
        #expect(depth.count(at: now + .seconds(1)) == 0)
        // What it began long ago is forgotten when it begins again.
        var again = depth
        again.began(at: now + .seconds(60))
        #expect(again.count(at: now + .seconds(60)) == 1)
    }

    @Test func `a clock that is set back makes it no deeper than the bound`() {
        let (depth, now) = steady(rate: 1_000, for: .seconds(2))
        #expect((0...512).contains(depth.count(at: now + .seconds(-3_600))))
    }

    @Test(arguments: [AheadBounds.none, AheadBounds(reach: .seconds(1), most: 0), AheadBounds(reach: .zero, most: 9)])
    func `a bound of nothing admits nothing ahead`(bounds: AheadBounds) {
        var depth = AdmissionDepth(bounds: bounds)
        for _ in 0..<100 { depth.began(at: Self.start) }
        #expect(depth.count(at: Self.start) == 0)
    }
}
