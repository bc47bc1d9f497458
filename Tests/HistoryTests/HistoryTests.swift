import HistoryChecker
import SobreHistories
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The promises of the manual's page on reliability, judged over seeded histories of the real admission, dispatcher,
/// delivery and store under virtual time, with crashes, lost answers and every other fault at any step.
@Suite("Histories under virtual time", .serialized)
struct HistoryTests {
    static let seeds: UInt64 = 1000
    static let workers = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// What must have been reached in a thousand histories, or they prove less than they seem to.
    static let rarePaths = [
        "crash between call and record", "crash with attempts in flight", "crash at claimed", "crash at admitting",
        "crash at admitted", "crash at requested", "crash at took", "crash at recording", "crash at recorded",
        "crash at accepting", "crash at accepted", "answer of the store lost after the commit",
        "store failed before the commit", "store call stalled", "stale claim",
        "process stood still with attempts in flight", "clock jump while in flight", "held as clock_jumped",
        "unknown kept its slot", "slot given back", "claimed for a resend", "tried again", "failover", "rerouted",
        "storm", "held as frequency_capped", "dropped as frequency_capped", "hold released",
        "held as duplicate_in_flight",
        "dropped as duplicate", "held as quiet_hours", "dropped as suppressed", "dropped as no_consent", "expired",
        "cancelled", "people merged", "policy changed", "policy changed while in flight",
        "suppressed by an answer", "suppression lifted", "request replayed", "key refused for another request",
        "client tried again", "receipt applied", "receipt repeated",
    ]

    @Test("a thousand histories keep every promise, and reach every rare path")
    func promises() {
        let campaign = Campaign.play(0..<Self.seeds, workers: Self.workers, stopAfter: 1)
        if let broken = campaign.broken.first {
            let shortest = Simulation.shrink(broken)
            Issue.record(
                """
                seed \(broken.history.seed) breaks its promises:
                \(broken.violations.prefix(5).map(\.description).joined(separator: "\n"))
                The shortest history found:
                \(shortest.history.text)
                \(shortest.violations.prefix(5).map(\.description).joined(separator: "\n"))
                Again: swift run sobre-sim --seed \(broken.history.seed) --trace
                """)
            return
        }
        #expect(campaign.played == Int(Self.seeds))
        for path in Self.rarePaths {
            #expect(campaign.reached[path] != nil, "no history of \(campaign.played) reached: \(path)")
        }
    }

    @Test("the same seed plays the same history", arguments: [1, 7, 42] as [UInt64])
    func isDeterministic(_ seed: UInt64) {
        let first = Simulation.play(.random(seed))
        let second = Simulation.play(.random(seed))
        #expect(first.fingerprint == second.fingerprint && first.observations == second.observations)
        #expect(first.reached == second.reached)
    }

    @Test("a history that breaks a promise becomes shorter and still breaks it")
    func shrinks() throws {
        let campaign = Campaign.play(0..<200, mutation: .noLedgerRow, workers: Self.workers, stopAfter: 1)
        let broken = try #require(campaign.broken.first)
        let shortest = Simulation.shrink(broken, mutation: .noLedgerRow, budget: 60)
        #expect(shortest.history.steps.count < broken.history.steps.count)
        #expect(shortest.violations.contains { $0.invariant == broken.violations[0].invariant })
    }
}
