import SobreModel
import Testing

@Suite("What receipts say together") struct ReceiptFoldTests {
    private static let kinds = Receipt.Kind.allCases
    private typealias Reported = (kind: Receipt.Kind, event: ReceiptFold.Event)

    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    /// The state after the receipts are applied one by one, as it would be stored.
    private func folded(_ reported: [Reported], from base: DeliveryState) -> (fold: ReceiptFold, state: DeliveryState) {
        var fold = ReceiptFold()
        var state = base
        for item in reported where fold.add(item.kind, item.event) {
            let next = fold.state(from: state)
            #expect(next == state || state.moves.contains(next), "\(state) → \(next) by \(item.kind)")
            state = next
        }
        return (fold, state)
    }

    @Test(arguments: [DeliveryState.unknown, .sent, .failed, .dropped, .expired, .cancelled])
    func `any order and any repetition gives the same, by legal moves only`(base: DeliveryState) {
        var dice = Dice(state: 7 &+ UInt64(base.rawValue))
        for _ in 0..<400 {
            let count = Int.random(in: 1...6, using: &dice)
            let reported: [Reported] = (0..<count).map { _ in
                (
                    Self.kinds.randomElement(using: &dice)!,
                    ReceiptFold.Event(
                        at: Instant(milliseconds: .random(in: 0..<5, using: &dice)),
                        detail: ["", "a", "b"].randomElement(using: &dice)!)
                )
            }
            let expected = folded(reported, from: base)
            for _ in 0..<8 {
                var again = (reported + reported + reported.shuffled(using: &dice)).shuffled(using: &dice)
                again = Array(again.prefix(Int.random(in: again.count / 2...again.count, using: &dice))) + reported
                let found = folded(again.shuffled(using: &dice), from: base)
                #expect(found.fold == expected.fold)
                #expect(found.state == expected.state, "\(reported.map(\.kind)) from \(base)")
            }
        }
    }

    @Test func `what a person did outweighs what a machine says`() {
        func state(_ kinds: Receipt.Kind..., from base: DeliveryState = .sent) -> DeliveryState {
            folded(kinds.map { ($0, .init(at: .epoch)) }, from: base).state
        }
        #expect(state(.delivered) == .delivered)
        #expect(state(.bouncedSoft, .delivered) == .delivered)
        #expect(state(.delivered, .bouncedHard) == .bounced)
        #expect(state(.clicked, .delivered, .opened) == .clicked)
        #expect(state(.complained, .converted) == .complained)
        #expect(state(.sent, from: .unknown) == .sent)
        #expect(state(.rejected, from: .unknown) == .failed)
        #expect(state(.rejected, from: .sent) == .sent)
        #expect(state(.rejected, .delivered, from: .unknown) == .delivered)
        #expect(state(.failed, from: .sent) == .failed)
    }

    @Test func `a success includes those that come after it`() {
        #expect(Escalation(after: .seconds(60), until: .delivered).isMet(by: .delivered))
        #expect(!Escalation(after: .seconds(60), until: .clicked).isMet(by: .opened))
    }
}
