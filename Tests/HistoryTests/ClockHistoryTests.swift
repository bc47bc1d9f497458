import HistoryChecker
import SobreModel
import Testing

@testable import SobreHistories

/// Hand-written histories about clocks.
@Suite struct ClockHistoryTests {
    private static func letter(_ number: Int) -> History.Letter {
        History.Letter(
            person: 0, category: "news", campaign: "c\(number)", template: "hello", words: number, channels: [.push],
            route: .first, priority: .normal, dedupKey: nil, key: "k\(number)", sendAfter: nil, expiresAfter: nil)
    }

    @Test("time that was lost while the wall clock stood behind does not age contacts when it comes back")
    func lostTimeComesBack() {
        // The cap is three per 90 s, held beyond. The clock is an hour behind for 100 s, so it runs at half speed.
        let history = History(
            seed: 1, people: 2, firstPolicy: 2, isKind: true,
            steps: [
                History.Step(at: 1000, action: .setClock(ahead: -3_600_000)),
                History.Step(at: 100_000, action: .send([letter(1), letter(2), letter(3)])),
                History.Step(at: 102_000, action: .setClock(ahead: 0)),
                History.Step(at: 103_000, action: .send([letter(4), letter(5), letter(6)])),
            ])
        let verdict = Simulation.play(history)
        #expect(verdict.violations.isEmpty, "\(verdict.violations.map(\.description))")
    }

    private func letter(_ number: Int) -> History.Letter { Self.letter(number) }
}
