import Glibc
import SobreModel
import TestBed

/// The long crash tests: `make torture`. The short forms of the same scenarios are in EndToEndTests.
@main
struct Torture {
    private static let usage = """
        The long crash tests: kills, power cuts and crowds on a built sobre. They take about twenty minutes.

          --sobre PATH               the executable under test; .build/release/sobre
          --only NAME                one of \(scenarios.joined(separator: ", "))
          --seed N                   what chance begins with; 1
          --kills N, --messages N    of storm; 200 over 5000
          --attempts N               of windows; \(Scenario.HotPlan().attempts)
          --power-cut-library PATH   of power; libPowerCut.so beside the executable

        Status: 0 every promise was kept, 1 one was broken, 64 a wrong command line.
        """
    private static let scenarios = ["storm", "hot", "windows", "power"]

    let executable: String
    let arguments: Arguments
    var failed = 0

    static func main() async throws {
        let arguments = Arguments.ofProcess(
            usage: usage,
            known: [
                "--sobre", "--only", "--seed", "--kills", "--messages", "--attempts", "--power-cut-library",
            ])
        var torture = Torture(executable: arguments["--sobre"] ?? ".build/release/sobre", arguments: arguments)
        let only = arguments.choice("--only", of: scenarios)
        if only == nil || only == "storm" { try await torture.killStorm() }
        if only == nil || only == "hot" { try await torture.hotRecipients() }
        if only == nil || only == "windows" { try await torture.hotWindows() }
        if only == nil || only == "power" { try await torture.powerCuts() }
        let failed = torture.failed
        say(failed == 0 ? "torture: every promise was kept" : "torture: \(failed) promises were broken")
        exit(failed == 0 ? 0 : 1)
    }

    private var seed: UInt64 { UInt64(arguments.int("--seed", default: 1)) }

    private mutating func killStorm() async throws {
        let kills = arguments.int("--kills", default: 200)
        let messages = arguments.int("--messages", default: 5000)
        say("kill storm: \(kills) kills over \(messages) messages, seed \(seed)")
        let verdict = try await Scenario.killStorm(
            try bed("storm"), kills: kills, messages: messages, seed: seed, progress: { Self.say("  \($0)") })
        report("kill storm", verdict)
    }

    private mutating func hotRecipients() async throws {
        say("hot recipients: 16 clients, 200 people, 8,000 requests, cap 3 a day, faults on")
        let verdict = try await Scenario.hotRecipients(
            try bed("hot"), clients: 16, people: 200, requests: 8000, cap: 3,
            faults: "429=1%,5xx=1%,reset=0.5%,latency=0ms..10ms")
        report("hot recipients", verdict)
    }

    private mutating func hotWindows() async throws {
        var plan = Scenario.HotPlan()
        plan.attempts = arguments.int("--attempts", default: plan.attempts)
        plan.seed = seed
        say(
            "hot windows: \(plan.attempts) attempts of \(plan.clients) clients on \(plan.people) people, cap \(plan.cap) in "
                + "\(plan.window), faults on, kill -9 every \(plan.killEvery ?? .zero) or so, seed \(seed)")
        let start = ContinuousClock.now
        let (verdict, kills) = try await Scenario.hotWindows(
            try bed("windows"), plan, progress: { Self.say("  \($0)") })
        report("hot windows", verdict)
        say(
            "hot windows: \(kills) kills; windows over the cap: \(verdict.overCap); refused with room in the window: "
                + "\(verdict.overBlocked) of \(verdict.refusals); \(verdict.unknownSlots) slots kept for attempts of unknown "
                + "fate; \((ContinuousClock.now - start).components.seconds) s in all")
    }

    private mutating func powerCuts() async throws {
        guard let library = arguments["--power-cut-library"] ?? Files.powerCutLibrary(near: executable) else {
            say("power cut: NOT RUN, libPowerCut.so is not beside \(executable)")
            failed += 1
            return
        }
        for round in 0..<5 {
            let cut = try await Scenario.powerCut(
                try bed("power"), library: library, messages: 2000, seed: seed &+ UInt64(round))
            say("power cut \(round + 1): \(cut.acknowledged) acknowledged, \(cut.lost) lost")
            failed += cut.lost
        }
    }

    private func bed(_ name: String) throws -> TestBed {
        try TestBed(executable: executable, folder: try Files.temporaryFolder(name))
    }

    private mutating func report(_ name: String, _ verdict: Verdict) {
        let totals = verdict.totals.filter { $0.value > 0 }.sorted { $0.key.rawValue < $1.key.rawValue }
        say(
            "\(name): \(verdict.acknowledged) acknowledged, \(verdict.accepted) accepted by the far end, "
                + "\(verdict.flaggedDuplicates) transactional ones twice and flagged")
        say("  " + totals.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
        for fault in verdict.faults.prefix(20) { say("  BROKEN: \(fault)") }
        failed += verdict.faults.count
    }

    /// Prints and flushes, so that output to a file appears at once.
    private static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private func say(_ text: String) { Self.say(text) }
}
