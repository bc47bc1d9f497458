import HistoryChecker
import SobreHistories
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Checks the promises in "Guarantees" in the manual with seeded histories. They run the real admission, dispatcher,
/// delivery and store under virtual time, with crashes, lost answers and other faults at any step.
@Suite("Histories under virtual time", .serialized)
struct HistoryTests {
    static let seeds: UInt64 = 1000
    /// One more than there are processors, because a history's thread waits while its store's threads work.
    static let workers = sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 1

    /// Events that must occur within a thousand histories. Without them the histories would prove less than they seem
    /// to.
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
        "expired by its category", "held as restored",
        "cancelled", "people merged", "policy changed", "policy changed while in flight",
        "suppressed by an answer", "suppression lifted", "request replayed", "key refused for another request",
        "client tried again", "receipt applied", "receipt repeated", "receipt came before its outcome",
        "told: rejected", "told: failed", "told: bounced.soft", "told: bounced.hard", "told: delivered", "told: opened",
        "told: clicked", "told: converted", "told: unsubscribed", "told: complained", "told by a stranger",
        "suppressed by a receipt", "slot given back by a receipt", "escalation met", "escalated",
        "held as awaits_channel", "best channel, not the first", "held as best_time",
        "sent at the best time", "held as paused", "dropped as paused", "dropped as control_group", "test send",
        "sent for a tenant", "sent uncounted", "sent in spite of caps", "sent to several devices",
        "sent to one with wishes", "sent with high priority", "address shared", "address moved",
        "paused", "paused while in flight", "held as paused_by_operator", "stopped by a pause", "resumed what was held",
        "dropped for another who holds the address", "held for another who holds the address",
    ]

    @Test("a thousand histories keep every promise, and reach every rare path")
    func promises() {
        let begun = ContinuousClock.now
        let worked = Self.processorSeconds()
        let campaign = Campaign.play(0..<Self.seeds, workers: Self.workers, stopAfter: 1)
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        // Printed because CI has a limit of one minute for this test.
        let processor = Int((Self.processorSeconds() - worked).rounded())
        print(
            "\(campaign.played) histories in \(Int(seconds.rounded())) s, \(processor) s of a processor's time, "
                + "\(Self.workers) workers")
        if let broken = campaign.broken.first {
            Issue.record(Self.report(broken))
            return
        }
        #expect(campaign.played == Int(Self.seeds))
        for path in Self.rarePaths {
            #expect(campaign.reached[path] != nil, "no history of \(campaign.played) reached: \(path)")
        }
    }

    /// The processor time of this process, which is more meaningful than elapsed time on a busy machine.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The seed, its violations, the shortest history found with a violation, and the commands to repeat both.
    private static func report(_ broken: Simulation.Verdict) -> Comment {
        let shortest = Simulation.shrink(broken)
        let seed = broken.history.seed
        return """
            seed \(seed) breaks its promises:
            \(broken.violations.prefix(5).map(\.description).joined(separator: "\n"))
            The shortest history found:
            \(shortest.history.text)
            \(shortest.violations.prefix(5).map(\.description).joined(separator: "\n"))
            \(Violation.legend(broken.violations + shortest.violations))
            Again, whole: swift run sobre-sim --seed \(seed) --trace
            The short one: swift run sobre-sim --seed \(seed)\(shortest.history.kept.map { " --keep \($0)" } ?? "") --trace
            """
    }

    @Test("the same seed plays the same history", arguments: [1, 7, 42] as [UInt64])
    func isDeterministic(_ seed: UInt64) {
        let first = Simulation.play(.random(seed))
        let second = Simulation.play(.random(seed))
        #expect(first.fingerprint == second.fingerprint && first.observations == second.observations)
        #expect(first.reached == second.reached)
    }

    @Test("what else the machine does changes nothing")
    func isDeterministicUnderLoad() {
        let alone = Campaign.play(2000..<2030, workers: 1)
        let crowded = Campaign.play(2000..<2030, workers: 6)
        #expect(alone.fingerprint == crowded.fingerprint)
        #expect(alone.observations == crowded.observations && alone.played == 30)
    }

    @Test("a history that breaks a promise becomes shorter and still breaks it")
    func shrinks() throws {
        let campaign = Campaign.play(0..<200, mutation: .noLedgerRow, workers: Self.workers, stopAfter: 1)
        let broken = try #require(campaign.broken.first)
        let shortest = Simulation.shrink(broken, mutation: .noLedgerRow, budget: 60)
        #expect(shortest.history.steps.count < broken.history.steps.count)
        // The shortest history can be repeated from the steps that are left.
        let kept = try #require(shortest.history.kept)
        let again = try #require(History.random(broken.history.seed).keeping(kept))
        #expect(again.text == shortest.history.text)
        #expect(Simulation.play(again, mutation: .noLedgerRow).fingerprint == shortest.fingerprint)
        #expect(shortest.violations.contains { $0.invariant == broken.violations[0].invariant })
    }
}
