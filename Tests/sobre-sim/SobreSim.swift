import HistoryChecker
import SobreHistories
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs histories under virtual time and checks them.
///
///     sobre-sim --seeds 1000000 [--from 0] [--workers 4]    many, with progress on standard error
///     sobre-sim --seed 42 [--trace] [--shrink]              one, and what was seen in it
///     sobre-sim --seed 42 --keep 3,7:11                     with these of its steps only, as --shrink names them
///     sobre-sim … --mutation open-rows-are-not-counted      with a guarded step broken on purpose
///
/// Exit status: 0 when every promise was kept, 1 when one was broken, 64 for wrong usage.
@main
struct SobreSim {
    private var seed: UInt64?
    private var seeds: UInt64 = 1000
    private var from: UInt64 = 0
    private var workers = sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 1
    private var traces = false
    private var shrinks = false
    private var mutation: Mutation?
    private var kept: String?

    static func main() {
        var sim = SobreSim()
        if let wrong = sim.read(Array(CommandLine.arguments.dropFirst())) {
            Self.printError(
                "sobre-sim: \(wrong)\n"
                    + "usage: sobre-sim [--seeds N] [--from N] [--workers N] | --seed N [--keep STEPS] [--trace] [--shrink]; [--mutation NAME]"
            )
            exit(64)
        }
        let isKept = sim.run()
        fflush(nil)
        exit(isKept ? 0 : 1)
    }

    private static func printError(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }

    /// Returns an error message when the arguments are invalid.
    private mutating func read(_ arguments: [String]) -> String? {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--trace" {
                traces = true
                continue
            }
            if name == "--shrink" {
                shrinks = true
                continue
            }
            guard let value = rest.popFirst() else { return "\(name) needs a value, or is not known." }
            switch name {
            case "--seed", "--seeds", "--from", "--workers":
                guard let number = UInt64(value) else { return "\(name) wants a number, not \(value)." }
                switch name {
                case "--seed": seed = number
                case "--seeds": seeds = number
                case "--from": from = number
                default: workers = max(1, Int(number))
                }
            case "--keep": kept = value
            case "--mutation":
                mutation = Mutation.allCases.first { $0.name == value }
                if mutation == nil {
                    let names = Mutation.allCases.map { "  " + $0.name }.joined(separator: "\n")
                    return "there is no mutation \(value); there are\n\(names)"
                }
            default: return "\(name) is not known."
            }
        }
        return nil
    }

    private func run() -> Bool {
        if let seed {
            guard let kept else { return runOne(.random(seed)) }
            guard let history = History.random(seed).keeping(kept) else {
                Self.printError("sobre-sim: seed \(seed) has no steps \(kept); use what --shrink printed.")
                exit(64)
            }
            return runOne(history)
        }
        let before = ContinuousClock.now
        let said = Mutex(ContinuousClock.now)
        let campaign = Campaign.play(from..<from + seeds, mutation: mutation, workers: workers) { played, broken in
            let isDue = said.withLock { last in
                guard ContinuousClock.now - last > .seconds(2) else { return false }
                last = ContinuousClock.now
                return true
            }
            guard isDue else { return }
            let time = ContinuousClock.now - before
            let left = Int64(Double(Int(self.seeds) - played) * (time / .seconds(1)) / Double(max(played, 1)))
            Self.printError(
                "\(played) of \(self.seeds) histories, \(Self.rate(played, time)), about \(left) s to go, \(broken) broken"
            )
        }
        let time = ContinuousClock.now - before
        print(
            "\(campaign.played) histories, \(campaign.observations) observations, \(Int64(time / .seconds(1))) s, "
                + "\(Self.rate(campaign.played, time)) with \(workers) workers, hash \(String(campaign.fingerprint, radix: 16)), \(campaign.broken.count) broken"
        )
        for (name, count) in campaign.reached.sorted(by: { $0.key < $1.key }) {
            print("  \(name): \(count.times) times in \(count.histories) histories")
        }
        for verdict in campaign.broken {
            print("seed \(verdict.history.seed) breaks its promises:")
            for violation in verdict.violations.prefix(5) { print("  \(violation)") }
        }
        guard let first = campaign.broken.first else { return true }
        show(first)
        return false
    }

    private static func rate(_ played: Int, _ time: Duration) -> String {
        "\(Int64((Double(played) / max(time / .seconds(1), 0.001)).rounded())) histories/s"
    }

    private func runOne(_ history: History) -> Bool {
        let verdict = Simulation.play(history, mutation: mutation, traces: traces)
        print("seed \(history.seed): \(verdict.observations) observations, \(verdict.violations.count) promises broken")
        for violation in verdict.violations { print("  \(violation)") }
        if !verdict.violations.isEmpty, shrinks { show(verdict) }
        return verdict.violations.isEmpty
    }

    private func show(_ verdict: Simulation.Verdict) {
        let shortest = Simulation.shrink(verdict, mutation: mutation)
        print("the shortest history found that breaks \(verdict.violations[0].invariant):")
        print(shortest.history.text)
        for violation in shortest.violations { print("  \(violation)") }
        print(Violation.legend(verdict.violations + shortest.violations))
        let flags = mutation.map { " --mutation \($0.name)" } ?? ""
        print("again, whole: sobre-sim --seed \(verdict.history.seed)\(flags) --trace")
        guard let kept = shortest.history.kept else { return }
        print("the short one: sobre-sim --seed \(verdict.history.seed) --keep \(kept)\(flags) --trace")
    }
}
