import Dispatch
public import HistoryChecker
import Synchronization

/// Many seeds, side by side.
public struct Campaign: Sendable {
    public var played = 0
    public var observations = 0
    /// A hash of everything that was seen, in whatever order the histories were played: equal for equal seeds.
    public var fingerprint: UInt64 = 0
    /// Rare things that were reached: in how many histories, and how often in all.
    public var reached: [String: (histories: Int, times: Int)] = [:]
    /// Histories in which a promise was broken, in the order of their seeds.
    public var broken: [Simulation.Verdict] = []

    public init() {}

    private struct Shared {
        var next: UInt64
        var campaign = Campaign()
    }

    /// Plays the histories of a range of seeds.
    ///
    /// - Parameters:
    ///   - seeds: each makes one history.
    ///   - mutation: a guarded step that is broken on purpose.
    ///   - workers: histories at once; each has one thread, and its store two.
    ///   - stopAfter: broken histories after which no further are begun.
    ///   - progress: called now and then with how many were played and how many of them were broken.
    /// - Returns: what they came to.
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
