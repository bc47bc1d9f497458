public import SobreAdmission
public import SobreModel

/// Replays a log of requests under a policy. It uses the production decision with a ledger in memory and a virtual
/// clock that advances from one due delivery to the next.
///
/// A message that may be sent is sent at once, accepted by its provider, and counted from that instant. A held delivery
/// is decided again at the time that the decision gave, in the order of due time, priority and id. Templates are not
/// rendered, so fingerprints and aborts by templates are not considered. The same input always gives the same output,
/// byte for byte: no clock is read, and nothing depends on the order of a dictionary.
public struct Replay: Sendable {
    /// How long the replay continues after the last request, for held deliveries: the longest rolling window.
    public static let afterTime = Duration.seconds(400 * 86_400)
    /// The number of holds after which a delivery is left waiting.
    public static let maxHolds = 10_000

    let log: RequestLog
    let population: Population
    /// The conditions of every decision. A replay knows its whole ledger and trusts its clock.
    let conditions: AdmissionConditions
    /// Requests due before this fill the ledger and are not counted.
    let from: Instant
    /// Requests due from this time on are left out.
    let to: Instant

    /// - Parameters:
    ///   - log: the requests; must be sealed.
    ///   - population: the recipients.
    ///   - conditions: of every decision.
    ///   - from: requests due earlier fill the ledger and are not counted.
    ///   - to: requests due from this time on are left out.
    public init(
        _ log: RequestLog, population: Population, conditions: AdmissionConditions = .normal,
        from: Instant = .distantPast, to: Instant = .distantFuture
    ) {
        self.log = log
        self.population = population
        self.conditions = conditions
        self.from = from
        self.to = to
    }

    /// Replays the requests.
    ///
    /// - Parameters:
    ///   - policy: the policy. If nil, everything is sent when it is due, on the first channel with an address.
    ///   - progress: called from time to time with the number of requests replayed.
    /// - Returns: the counts of deliveries, by campaign, channel, rule and reason.
    public func run(under policy: Policy?, progress: (Int) -> Void = { _ in }) -> Tally {
        var run = ReplayRun(self, policy: policy, conditions: conditions)
        run.run(progress: progress)
        return run.finished()
    }

    /// The extent of what is counted.
    public struct Scope: Sendable, Hashable {
        public var requests = 0
        public var people = 0
        /// The recipients among them without a profile.
        public var withoutProfile = 0
        /// When the first and the last request were due; nil if there is none.
        public var first: Instant?
        public var last: Instant?
    }

    /// The number of counted requests and of their recipients.
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
        scope.withoutProfile = seen.indices.count { seen[$0] && !population.knows(UInt32($0)) }
        return scope
    }
}
