import SobreModel
import YAMLDocument
import ZoneInfo

/// Turns a policy's YAML into rules. Checks everything that can be checked without a message.
struct PolicyReader {
    /// The most rules of one kind.
    static let maxRules = 10_000
    static let dayRange: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400 * 400))

    let zones: ZoneCatalogue
    /// The names in the text by their key hashes.
    var names: [KeyHash: String] = [:]
    var categoryNames: [String] = []
    var topicNames: Set<String> = []

    init(zones: ZoneCatalogue) { self.zones = zones }

    mutating func read(_ root: YAMLMapping) throws(YAMLError) -> PolicyRules {
        try root.checkKeys(known: [
            "default_timezone", "in_flight", "recheck", "zone_change", "tenants", "channel_costs", "categories",
            "control_groups", "dedup", "quiet_hours", "caps", "stop_words", "topics", "tracking", "unsubscribe",
            "loosens",
        ])
        var rules = PolicyRules(defaultZone: try root.read("default_timezone", zone) ?? .utc)
        rules.inFlight = try root.duration("in_flight", default: .seconds(60), in: .seconds(1)...(.seconds(3_600)))
        rules.recheck = try root.duration("recheck", default: .seconds(900), in: .seconds(1)...(.seconds(86_400)))
        rules.zoneChange = try root.duration(
            "zone_change", default: rules.zoneChange, in: .zero...(.seconds(7 * 86_400)))
        rules.loosens = try root.int(ifPresent: "loosens", in: 1...Int(Int32.max))
        rules.sharesTenants = try root.choice("tenants", default: Tenancy.separate) == .shared
        for entry in try root.mapping(ifPresent: "channel_costs")?.entries ?? [] {
            guard let channel = Channel(name: entry.key) else {
                throw entry.value.unknownName(entry.key, known: Channel.names)
            }
            rules.channelCosts[channel] = try entry.value.double(in: 0...1_000_000)
        }
        try readCategories(root, into: &rules)
        categoryNames = rules.categories.values.map(\.name).sorted()
        for name in categoryNames { names[KeyHash(name)] = name }
        try readTopics(root)
        for entry in try rulesList(root, "control_groups") { rules.controlGroups.append(try controlGroup(entry)) }
        for entry in try rulesList(root, "dedup") { rules.dedup.append(try dedup(entry)) }
        for entry in try rulesList(root, "quiet_hours") { rules.quiet.append(try quiet(entry)) }
        rules.optOut = try optOut(root)
        rules.caps = try caps(try rulesList(root, "caps"))
        rules.tracking = try tracking(root)
        rules.names = names
        rules.topics = topicNames.sorted()
        return rules
    }

    /// The topics that only messages name: with them, a misspelt topic of a consent is an error.
    private mutating func readTopics(_ root: YAMLMapping) throws(YAMLError) {
        for value in root["topics"]?.listOrOne ?? [] {
            let name = try value.string()
            if let problem = NameRule.problem(in: name, atMost: 100) {
                throw value.error(
                    "a topic is a name of 1 to 100 bytes: \(problem)", help: "write it as \"new-arrivals\"")
            }
            topicNames.insert(name)
        }
    }

    private enum Tenancy: String, CaseIterable {
        case separate
        case shared
    }

    private func readCategories(_ root: YAMLMapping, into rules: inout PolicyRules) throws(YAMLError) {
        guard let categories = try root.mapping(ifPresent: "categories") else { return }
        for entry in categories.entries {
            let keyHash = KeyHash(entry.key)
            let settings = entry.value.isNull ? nil : try entry.value.mapping()
            let base = rules.categories[keyHash] ?? .marketing(named: entry.key)
            rules.categories[keyHash] =
                try settings.map { mapping throws(YAMLError) in try category(mapping, base) } ?? base
        }
    }

    private func category(_ mapping: YAMLMapping, _ base: CategoryPolicy) throws(YAMLError) -> CategoryPolicy {
        try mapping.checkKeys(known: [
            "consent", "obeys_caps", "counts_toward_caps", "unknown_outcome", "fingerprint_window", "expires_after",
            "priority",
        ])
        var category = base
        category.consent = try mapping.choice("consent", default: base.consent)
        category.obeysCaps = try mapping.bool("obeys_caps", default: base.obeysCaps)
        category.countsTowardCaps = try mapping.bool("counts_toward_caps", default: base.countsTowardCaps)
        category.unknownOutcome = try mapping.choice("unknown_outcome", default: base.unknownOutcome)
        category.fingerprintWindow = try mapping.duration(
            "fingerprint_window", default: base.fingerprintWindow, in: .zero...Self.dayRange.upperBound)
        category.expiresAfter = try mapping.duration(ifPresent: "expires_after", in: Self.dayRange) ?? base.expiresAfter
        if let value = mapping["priority"] { category.priority = try priority(value) }
        return category
    }

    /// The rules of one kind: a bounded list of mappings with unique names.
    private func rulesList(_ root: YAMLMapping, _ key: String) throws(YAMLError) -> [YAMLMapping] {
        var seen: Set<String> = []
        var rules: [YAMLMapping] = []
        for value in try root.list(key) {
            let rule = try value.mapping()
            let name = try rule.require("name")
            let text = try name.string()
            guard !text.isEmpty, text.utf8.count <= 100 else {
                throw name.error("a rule's name has 1 to 100 bytes")
            }
            guard seen.insert(text).inserted else {
                throw name.error(
                    "the name \"\(text)\" is taken by another rule in \"\(key)\"", help: "rename one of them")
            }
            guard rules.count < Self.maxRules else {
                throw value.error("\"\(key)\" has more than \(Self.maxRules) rules")
            }
            rules.append(rule)
        }
        return rules
    }

    private mutating func controlGroup(_ mapping: YAMLMapping) throws(YAMLError) -> ControlGroup {
        try mapping.checkKeys(known: ["name", "applies_to", "percent"])
        let share = try mapping.require("percent").double(in: 0...100)
        return ControlGroup(
            name: try mapping.string("name"), appliesTo: try selector(mapping["applies_to"]),
            share: Int((share * 100).rounded()), line: mapping.value.line)
    }

    private mutating func dedup(_ mapping: YAMLMapping) throws(YAMLError) -> DedupRule {
        try mapping.checkKeys(known: ["name", "applies_to", "key", "window", "scope", "across", "when_missing"])
        var key: DedupRule.Key = []
        for value in mapping["key"]?.listOrOne ?? [] {
            let name = try value.string()
            guard let part = DedupRule.Key.names.first(where: { $0.name == name }) else {
                throw value.unknownName(name, known: DedupRule.Key.names.map(\.name))
            }
            key.insert(part.key)
        }
        if key.isEmpty { key = [.campaign, .template, .dedupKey] }
        let missing = try mapping.choice("when_missing", default: DedupRule.Missing.compareRest)
        if key == .dedupKey, missing == .compareRest {
            throw (mapping["key"] ?? mapping.value).error(
                "without a dedup_key nothing is left to compare",
                help: "add \"when_missing: skip\" or \"when_missing: hold\"")
        }
        return DedupRule(
            name: try mapping.string("name"), appliesTo: try selector(mapping["applies_to"]), key: key,
            window: try mapping.require("window").duration(in: Self.dayRange),
            scope: try mapping.choice("scope", default: .recipient),
            across: try mapping.choice("across", default: .channels), missing: missing, line: mapping.value.line)
    }

    /// The time zone with a name.
    func zone(_ value: YAMLValue) throws(YAMLError) -> Zone {
        let name = try value.string()
        do {
            return try zones.zone(named: name)
        } catch {
            switch error {
            case .unknown(_, let suggestion?):
                throw value.error("there is no time zone \"\(name)\"", help: "did you mean \"\(suggestion)\"?")
            default: throw value.error(error.description)
            }
        }
    }

    /// The zone, or nil for `recipient`.
    func zoneChoice(_ value: YAMLValue?) throws(YAMLError) -> Zone? {
        guard let value, try value.string() != "recipient" else { return nil }
        return try zone(value)
    }
}
