public import SobreModel

/// The results of one log replayed under two policies.
public struct SimulationReport: Sendable {
    /// The name of a policy for readers.
    public struct PolicyName: Sendable, Hashable {
        /// A file's name, or `none`.
        public var name: String
        /// The version in the store; nil if it has none.
        public var version: Int?

        public init(name: String, version: Int? = nil) {
            self.name = name
            self.version = version
        }
    }

    public var before: Tally
    public var after: Tally
    public var beforePolicy: PolicyName
    public var afterPolicy: PolicyName
    public var people: Comparison
    /// The number of counted requests.
    public var requests: Int
    /// The number of their recipients.
    public var recipients: Int
    /// The number of requests skipped because of a repeated idempotency key.
    public var repeated: Int
    /// The number of test messages, which no rule counts.
    public var tests: Int
    /// The recipients among them without a profile.
    public var withoutProfile: Int
    /// When the first and the last request were due.
    public var span: (first: Instant, last: Instant)?

    /// Makes a report from the tallies of one replay under two policies.
    public init(
        _ replay: Replay, before: (PolicyName, Tally), after: (PolicyName, Tally), naming people: Int = 5,
        repeated: Int = 0
    ) {
        self.before = before.1
        self.after = after.1
        beforePolicy = before.0
        afterPolicy = after.0
        let scope = replay.scope
        self.people = Comparison(replay.log, before: before.1, after: after.1, naming: people)
        requests = scope.requests
        recipients = scope.people
        self.repeated = repeated
        tests = replay.log.tests
        withoutProfile = scope.withoutProfile
        if let first = scope.first, let last = scope.last { span = (first, last) }
    }

    /// The campaigns, each with the rows of both policies.
    public var campaigns: [(name: String, before: Tally.Row, after: Tally.Row)] {
        var rows: [String: Tally.Row] = [:]
        for campaign in before.campaigns { rows[campaign.name] = campaign.row }
        return after.campaigns.map { (name: $0.name, before: rows[$0.name] ?? Tally.Row(), after: $0.row) }
    }

    /// The reasons why deliveries were not sent under either policy.
    public var reasons: [(state: String, reason: String, before: Int, after: Int)] {
        var counts: [ReplayRun.Reason: (before: Int, after: Int)] = [:]
        for row in before.reasons {
            counts[.init(state: row.state, name: row.reason), default: (0, 0)].before = row.count
        }
        for row in after.reasons {
            counts[.init(state: row.state, name: row.reason), default: (0, 0)].after = row.count
        }
        return counts.map { (state: $0.state, reason: $0.name, before: $1.before, after: $1.after) }
            .sorted { ($0.state, $0.reason) < ($1.state, $1.reason) }
    }
}
