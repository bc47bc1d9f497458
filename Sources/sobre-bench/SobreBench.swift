import ChildProcess
import Glibc
import JSON
import SobreModel
import TerminalOutput
import TestBed

/// `make bench` measures the throughput of the whole pipeline beside a bare libcurl loop to the same sink in the same
/// run, the memory of a waiting message, the cost of a decision with many rules and with many contacts, how a flood of
/// strangers affects a caller with a key, the cost of a request made by a manifest and of signing and encrypting, and
/// how fast a relay and a slow provider are served. Each figure ends with one line, `bench NAME value=… unit=… ratio=… base=…`.
@main
struct SobreBench {
    private static let usage = """
        Measures a built sobre; each figure closes with one line, bench NAME value=… unit=… ratio=… base=….

          --sobre PATH       the executable; .build/release/sobre
          --only NAME        one of \(figures.joined(separator: ", "))
          --messages N       of line and refused, and of a round of growth; 100000
          --mails N          of smtp; 20000
          --backlog N        of backlog, otp and queue; 1000000
          --ledger-rows N    of decision-p99; 100000
          --log N            messages of memory's log; 700000, a week of 100,000 a day
          --rows N           finished messages in the store of growth and queue; 5000000
          --ledger PATH      where decision-p99 keeps its store, to measure it again; in a folder that it removes

        Status: 0 measured, 1 a server or a measurement failed, 64 a wrong command line.
        """
    private static let figures = [
        "line", "refused", "growth", "backlog", "memory", "decisions", "simulate", "ledger", "decision-p99", "floods",
        "manifests", "smtp", "slow-provider", "otp", "dkim", "web-push",
        "help", "queue",
    ]

    static func main() async {
        do { try await measure() } catch {
            Console.printError("sobre-bench: \(error)")
            exit(1)
        }
    }

    private static func measure() async throws {
        if CommandLine.arguments.dropFirst().first == "sink" { try LeanSink.serve() }
        let arguments = Arguments.ofProcess(
            usage: usage,
            known: [
                "--sobre", "--only", "--messages", "--mails", "--backlog", "--log", "--rows", "--ledger-rows",
                "--ledger",
            ])
        let executable = arguments["--sobre"] ?? ".build/release/sobre"
        let messages = arguments.int("--messages", default: 100_000)
        let backlog = arguments.int("--backlog", default: 1_000_000)
        let only = arguments.choice("--only", of: figures)
        if only == nil || only == "line" { try await ThroughputBench(executable: executable, messages: messages).run() }
        if only == nil || only == "refused" {
            try await ThroughputBench(executable: executable, messages: messages).runRefused()
        }
        // Growth takes ten minutes and is measured on its own only.
        if only == "growth" {
            let rows = arguments.int("--rows", default: 5_000_000)
            try await GrowthBench(executable: executable, rows: rows, messages: messages).run()
        }
        // So does filling the store of queue.
        if only == "queue" {
            let rows = arguments.int("--rows", default: 5_000_000)
            let bench = QueueBench(executable: executable, finished: rows, waiting: backlog, messages: messages)
            try await bench.run()
        }
        if only == nil || only == "memory" {
            let logged = arguments.int("--log", default: 700_000)
            try await MemoryBench(executable: executable, logged: logged).run()
        }
        if only == nil || only == "backlog" { try await BacklogBench(executable: executable, messages: backlog).run() }
        if only == nil || only == "decisions" { try DecisionBench().run() }
        if only == nil || only == "simulate" { try SimulateBench().run() }
        if only == nil || only == "ledger" { try await LedgerBench().run() }
        if only == nil || only == "decision-p99" {
            let rows = arguments.int("--ledger-rows", default: 100_000)
            let bench = RunningDecisionBench(executable: executable, rows: rows, keptIn: arguments["--ledger"])
            try await bench.run()
        }
        if only == nil || only == "floods" { try await FloodBench(executable: executable).run() }
        if only == nil || only == "manifests" { try ManifestBench().run() }
        if only == nil || only == "smtp" {
            try await MailBench(executable: executable, messages: arguments.int("--mails", default: 20_000)).run()
        }
        if only == nil || only == "slow-provider" { try await SlowProviderBench(executable: executable).run() }
        if only == nil || only == "otp" {
            try await LatencyBench(executable: executable, backlog: backlog).run()
        }
        if only == nil || only == "dkim" { try DKIMBench().run() }
        if only == nil || only == "web-push" { WebPushBench().run() }
        if only == nil || only == "help" { try HelpBench(executable: executable).run() }
    }

    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    static func report(_ name: String, _ value: Double, _ unit: String, ratio: Double? = nil, base: String = "none") {
        let ratioText = ratio.map { format($0, digits: 3) } ?? "none"
        print(
            "bench \(name) value=\(format(value, digits: value < 100 ? 2 : 0)) unit=\(unit) ratio=\(ratioText) base=\(base)"
        )
    }

    static func format(_ value: Double, digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = Int((value * scale).rounded())
        guard digits > 0 else { return "\(rounded)" }
        let fraction = String(abs(rounded) % Int(scale))
        return "\(rounded / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
