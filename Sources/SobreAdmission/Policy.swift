public import SobreModel
import ZoneInfo

/// The rules by which it is decided whether a message may be sent: compiled, immutable, shared by all threads.
///
/// A policy is text (YAML, see `Config/policy.yaml`); ``parse(text:file:zones:)`` makes it. Rules are evaluated over
/// the ledger, so replacing a policy resets no count.
public final class Policy: Sendable {
    /// The number under which the store knows this text; 0 before it is registered.
    public let version: Int
    let rules: PolicyRules
    let index: RuleIndex
    let zones: ZoneCatalogue

    init(rules: PolicyRules, zones: ZoneCatalogue, version: Int = 0) {
        self.rules = rules
        self.index = RuleIndex(rules)
        self.zones = zones
        self.version = version
    }

    private init(_ other: Policy, version: Int) {
        self.version = version
        rules = other.rules
        index = other.index
        zones = other.zones
    }

    /// The same policy under the version that the store gave it.
    public func with(version: Int) -> Policy { Policy(self, version: version) }

    /// What holds for people who want no more.
    public var withdrawal: WithdrawalRules { rules.withdrawal }

    /// How far back the ledger must reach for this policy; for a lifetime rule a hundred years, that is: all of it.
    public var horizon: Duration { index.horizon }

    /// How messages of a category are treated; one that the policy does not name is treated in the strictest way.
    public func category(_ name: String) -> CategoryPolicy { category(KeyHash(name), named: name) }

    /// Every category that the policy names, by name.
    public var categories: [CategoryPolicy] { rules.categories.values.sorted { $0.name < $1.name } }

    /// The names of ``categories``.
    public var categoryNames: [String] { index.categoryNames }

    /// What is allowed but can hardly be meant: rules that are never reached, never fill or contradict themselves, in
    /// the order of the text.
    public var findings: [PolicyFinding] { PolicyFindings(rules).found }

    /// The hour of the week on a person's own clock, 0…167, Monday 00:00 first; without a zone that is known, on the
    /// policy's.
    public func hourOfWeek(of profile: Profile?, at instant: Instant) -> Int {
        BestTime.hour(of: instant, in: profile.flatMap(zone(of:)) ?? rules.defaultZone)
    }

    /// The zone that a profile names; nil where it names none, or one that nobody knows.
    func zone(of profile: Profile) -> Zone? { profile.timezone.flatMap { try? zones.zone(named: $0) } }

    func category(_ keyHash: KeyHash, named name: String) -> CategoryPolicy {
        rules.categories[keyHash] ?? .marketing(named: name)
    }
}

/// What a policy's text says.
struct PolicyRules: Sendable {
    var defaultZone: Zone
    /// How long an attempt may be in flight: the longest wait before what only it blocks is looked at again.
    var inFlight: Duration = .seconds(60)
    /// When a message that is held by a policy error is looked at again.
    var recheck: Duration = .seconds(900)
    /// For how long after a change of a person's zone quiet hours hold in the old one, too.
    var zoneChange: Duration = .seconds(86_400)
    /// Whether contacts of one tenant fill the rules of another. By default a tenant is untouched by another.
    var sharesTenants = false
    /// What a message costs on a channel, in any unit: the tie-break of `route: best`. Channels that are not named cost
    /// what their traits say.
    var channelCosts: [Channel: Double] = [:]
    var categories: [KeyHash: CategoryPolicy] = [
        KeyHash("transactional"): .transactional, KeyHash("marketing"): .marketing(),
    ]
    var controlGroups: [ControlGroup] = []
    var dedup: [DedupRule] = []
    var quiet: [QuietRule] = []
    var caps: [CapRule] = []
    var withdrawal = WithdrawalRules()
    /// The names that the text mentions, to write key hashes back as words.
    var names: [KeyHash: String] = [:]

    init(defaultZone: Zone) { self.defaultZone = defaultZone }
}
