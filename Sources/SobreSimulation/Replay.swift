public import SobreAdmission
public import SobreModel

/// Replays a log of requests under a policy: the production decision over a ledger in memory, on a clock that jumps from
/// one due delivery to the next.
///
/// What it takes for granted: a message that may go goes at once, its provider accepts it, and it counts from that very
/// instant. What is held is decided anew at the instant that the decision gave, in the order of due time, priority and id.
/// No words are rendered, so the same-words rule and a template's own abort are not judged. Equal input gives equal output,
/// to the byte: no clock is read and nothing depends on the order of a dictionary.
public struct Replay: Sendable {
    /// After the last request the replay goes on for so long, for what is held: the longest rolling window.
    public static let afterTime = Duration.seconds(400 * 86_400)
    /// A delivery that was held so often is left waiting.
    public static let maxHolds = 10_000

    let log: RequestLog
    let population: Population
    /// Requests that are due before this fill the ledger and are not counted.
    let from: Instant
    /// Requests that are due from this on are left out.
    let to: Instant

    /// - Parameters:
    ///   - log: what was asked for; sealed.
    ///   - population: whom it was for.
    ///   - from: requests due earlier fill the ledger and are not counted.
    ///   - to: requests due from then on are left out.
    public init(
        _ log: RequestLog, population: Population, from: Instant = .distantPast, to: Instant = .distantFuture
    ) {
        self.log = log
        self.population = population
        self.from = from
        self.to = to
    }

    /// What would have become of the requests.
    ///
    /// - Parameters:
    ///   - policy: nil: everything is sent when it is due, on the first channel on which the person has an address.
    ///   - progress: told now and then how many requests have been begun.
    /// - Returns: the counts of deliveries, by campaign, channel, rule and reason.
    public func run(under policy: Policy?, progress: (Int) -> Void = { _ in }) -> Tally {
        var run = ReplayRun(self, policy: policy)
        run.run(progress: progress)
        return run.finished()
    }

    /// What is counted.
    public struct Scope: Sendable, Hashable {
        public var requests = 0
        public var people = 0
        /// Of the people, those without a profile.
        public var strangers = 0
        /// When the first and the last request were due; nil when there is none.
        public var first: Instant?
        public var last: Instant?
    }

    /// How many requests are counted, and of whom.
    public var scope: Scope {
        var scope = Scope()
        let persons = population.persons(of: log)
        var seen = [Bool](repeating: false, count: persons.count)
        for entry in log.entries where entry.due >= from.milliseconds && entry.due < to.milliseconds {
            scope.requests += 1
            seen[Int(persons[Int(entry.person)])] = true
            scope.first = scope.first ?? Instant(milliseconds: entry.due)
            scope.last = Instant(milliseconds: entry.due)
        }
        scope.people = seen.count { $0 }
        scope.strangers = seen.indices.count { seen[$0] && !population.knows(UInt32($0)) }
        return scope
    }
}
