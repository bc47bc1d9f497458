import Glibc
import SobreModel
import TestBed

/// The long crash tests: `make torture`. The short forms of the same scenarios are in EndToEndTests.
@main
struct Torture {
    static func main() async throws {
        let arguments = Arguments(CommandLine.arguments)
        let executable = arguments["--sobre"] ?? ".build/release/sobre"
        let seed = UInt64(arguments.int("--seed", default: 1))
        let kills = arguments.int("--kills", default: 200)
        let messages = arguments.int("--messages", default: 5000)
        var failed = 0

        print("kill storm: \(kills) kills over \(messages) messages, seed \(seed)")
        let storm = try await Scenario.killStorm(
            try bed(executable, "storm"), kills: kills, messages: messages, seed: seed, progress: { print("  \($0)") })
        failed += report("kill storm", storm)

        print("hot recipients: 16 clients, 200 people, 8,000 requests, cap 3 a day, faults on")
        let hot = try await Scenario.hotRecipients(
            try bed(executable, "hot"), clients: 16, people: 200, requests: 8000, cap: 3,
            faults: "429=1%,5xx=1%,reset=0.5%,latency=0ms..10ms")
        failed += report("hot recipients", hot)

        if let library = arguments["--power-cut-library"] ?? Files.powerCutLibrary(near: executable) {
            for round in 0..<5 {
                let cut = try await Scenario.powerCut(
                    try bed(executable, "power"), library: library, messages: 2000, seed: seed &+ UInt64(round))
                print("power cut \(round + 1): \(cut.acknowledged) acknowledged, \(cut.lost) lost")
                failed += cut.lost
            }
        } else {
            print("power cut: NOT RUN, libPowerCut.so is not beside \(executable)")
            failed += 1
        }
        print(failed == 0 ? "torture: every promise was kept" : "torture: \(failed) promises were broken")
        exit(failed == 0 ? 0 : 1)
    }

    private static func bed(_ executable: String, _ name: String) throws -> TestBed {
        try TestBed(executable: executable, folder: try Files.temporaryFolder(name))
    }

    private static func report(_ name: String, _ verdict: Verdict) -> Int {
        let totals = verdict.totals.filter { $0.value > 0 }.sorted { $0.key.rawValue < $1.key.rawValue }
        print(
            "\(name): \(verdict.acknowledged) acknowledged, \(verdict.accepted) accepted by the far end, "
                + "\(verdict.flaggedDuplicates) transactional ones twice and flagged")
        print("  " + totals.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
        for fault in verdict.faults.prefix(20) { print("  BROKEN: \(fault)") }
        return verdict.faults.count
    }
}
