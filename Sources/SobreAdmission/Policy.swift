public import SobreModel
import ZoneInfo

/// The rules that decide whether a message may be sent. Compiled, immutable and shared by all threads.
///
/// A policy is written as YAML text (see `Config/policy.yaml`) and parsed by ``parse(text:file:zones:)``. Rules are
/// evaluated over the ledger, so replacing a policy does not reset any count.
public final class Policy: Sendable {
    /// The version number in the store; 0 before the policy is registered.
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

    /// The same policy under the version the store gave it.
    public func with(version: Int) -> Policy { Policy(self, version: version) }

    /// The opt-out rules.
    public var optOut: OptOutRules { rules.optOut }

    /// How far back the ledger must be read for this policy. A lifetime rule needs a hundred years, which means all of
    /// it.
    public var horizon: Duration { index.horizon }

    /// The rules of a category. A category the policy does not name gets the strictest rules.
    public func category(_ name: String) -> CategoryPolicy { category(KeyHash(name), named: name) }

    /// All categories the policy names, sorted by name.
    public var categories: [CategoryPolicy] { rules.categories.values.sorted { $0.name < $1.name } }

    /// The topics that the policy lists under `topics` or names in a selector, sorted.
    public var topicNames: [String] { rules.topics }

    /// The names of the caps, in the order of the text.
    public var capNames: [String] { rules.caps.map(\.name) }

    /// The names of ``categories``.
    public var categoryNames: [String] { index.categoryNames }

    /// Rules that are legal but probably a mistake: rules that never apply, never fill or contradict themselves. In the
    /// order of the text.
    public var findings: [PolicyFinding] { PolicyFindings(rules).found }

    /// The hour of the week (0…167, Monday 00:00 first) in the recipient's time zone, or in the policy's if that is not
    /// known.
    public func hourOfWeek(of profile: Profile?, at instant: Instant) -> Int {
        BestTime.hour(of: instant, in: profile.flatMap(zone(of:)) ?? rules.defaultZone)
    }

    /// The zone that a profile names; nil when it names none or an unknown one.
    func zone(of profile: Profile) -> Zone? { profile.timezone.flatMap { try? zones.zone(named: $0) } }

    func category(_ keyHash: KeyHash, named name: String) -> CategoryPolicy {
        rules.categories[keyHash] ?? .marketing(named: name)
    }
}

/// The contents of a policy's text.
struct PolicyRules: Sendable {
    var defaultZone: Zone
    /// The longest time an attempt may be in flight. Also the longest wait before something is checked again that only
    /// attempts in flight block.
    var inFlight: Duration = .seconds(60)
    /// How soon a message that is held for a policy error is checked again.
    var recheck: Duration = .seconds(900)
    /// For how long quiet hours also apply in the old zone after a recipient's zone has changed.
    var zoneChange: Duration = .seconds(86_400)
    /// Whether contacts of one tenant count for the rules of another. Off by default.
    var sharesTenants = false
    /// The cost of a message on each channel, in any unit. Breaks ties of `route: best`. Channels that are not listed
    /// have the cost in their traits.
    var channelCosts: [Channel: Double] = [:]
    var categories: [KeyHash: CategoryPolicy] = [
        KeyHash("transactional"): .transactional, KeyHash("marketing"): .marketing(),
    ]
    var controlGroups: [ControlGroup] = []
    var dedup: [DedupRule] = []
    var quiet: [QuietRule] = []
    var caps: [CapRule] = []
    var optOut = OptOutRules()
    /// Nil: the text has no such section, and no consent is asked for.
    var tracking: TrackingRule?
    /// The topics that the text lists or names in a selector, sorted.
    var topics: [String] = []
    /// The names in the text by their key hashes, for display.
    var names: [KeyHash: String] = [:]

    /// The version that this policy may loosen, or lose rules of; nil: none.
    var loosens: Int?

    init(defaultZone: Zone) { self.defaultZone = defaultZone }
}
