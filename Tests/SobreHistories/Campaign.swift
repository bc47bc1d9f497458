import Dispatch
public import HistoryChecker
import Synchronization

/// The combined results of many seeds, which are run in parallel.
public struct Campaign: Sendable {
    public var played = 0
    public var observations = 0
    /// A hash of all observations, independent of the order in which the histories were run. It is equal for equal
    /// seeds.
    public var fingerprint: UInt64 = 0
    /// The rare events that occurred: in how many histories, and how often in total.
    public var reached: [String: (histories: Int, times: Int)] = [:]
    /// The histories with violations, in the order of their seeds.
    public var broken: [Simulation.Verdict] = []

    public init() {}

    private struct Shared {
        var next: UInt64
        var campaign = Campaign()
    }

    /// Runs the histories of a range of seeds.
    ///
    /// - Parameters:
    ///   - seeds: Each seed makes one history.
    ///   - mutation: A safeguard that is broken on purpose.
    ///   - workers: The number of histories run at once. Each uses one thread, and its store two.
    ///   - stopAfter: No further history is started after this many with violations.
    ///   - progress: Called regularly with the number of histories run and the number of those with violations.
    /// - Returns: The combined results.
    public static func play(
        _ seeds: Range<UInt64>, mutation: Mutation? = nil, workers: Int, stopAfter: Int = 10,
        progress: (@Sendable (_ played: Int, _ broken: Int) -> Void)? = nil
    ) -> Campaign {
        let shared = Mutex(Shared(next: seeds.lowerBound))
        let group = DispatchGroup()
        let queue = DispatchQueue(label: "histories", attributes: .concurrent)
        for _ in 0..<max(1, workers) {
            queue.async(group: group) {
                while true {
                    let seed: UInt64? = shared.withLock { shared in
                        guard shared.next < seeds.upperBound, shared.campaign.broken.count < stopAfter else {
                            return nil
                        }
                        shared.next += 1
                        return shared.next - 1
                    }
                    guard let seed else { return }
                    let verdict = Simulation.play(.random(seed), mutation: mutation)
                    let (played, broken) = shared.withLock { shared in
                        shared.campaign.take(verdict)
                        return (shared.campaign.played, shared.campaign.broken.count)
                    }
                    progress?(played, broken)
                }
            }
        }
        group.wait()
        return shared.withLock { shared in
            shared.campaign.broken.sort { $0.history.seed < $1.history.seed }
            return shared.campaign
        }
    }

    private mutating func take(_ verdict: Simulation.Verdict) {
        played += 1
        observations += verdict.observations
        fingerprint &+= verdict.fingerprint
        for (name, times) in verdict.reached {
            let before = reached[name] ?? (0, 0)
            reached[name] = (before.histories + 1, before.times + times)
        }
        if !verdict.violations.isEmpty { broken.append(verdict) }
    }
}
