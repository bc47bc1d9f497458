import SobreModel

extension PolicyFindings {
    /// Checks a cap by itself.
    mutating func check(_ rule: CapRule) {
        let name = "The cap \"\(rule.name)\""
        if logic.matchesNothing(rule.appliesTo) {
            add(.matchesNothing, rule, "\(name) limits nothing: its tags contradict each other.")
        }
        let restrained = rule.appliesTo.categories.compactMap { rules.categories[$0] }
        if !restrained.isEmpty, restrained.allSatisfy({ !$0.obeysCaps }) {
            add(
                .restrainsNothing, rule,
                "\(name) limits nothing: \(Self.list(restrained)) does not obey caps (obeys_caps: false).")
        }
        let counted = rule.counts.categories.compactMap { rules.categories[$0] }
        if rule.limit > 0, !counted.isEmpty, counted.allSatisfy({ !$0.countsTowardCaps }) {
            add(
                .neverFills, rule,
                "\(name) never fills: \(Self.list(counted)) does not count (counts_toward_caps: false).")
        } else if rule.limit > 0, logic.matchesNothing(rule.counts), !logic.matchesNothing(rule.appliesTo) {
            add(.neverFills, rule, "\(name) never fills: the tags of \"counts\" contradict each other.")
        }
        for part in Self.separated(rule) {
            add(
                .neverFills, rule,
                "\(name) never fills: the \(part) it counts are not those it limits, and it counts per \(rule.scope.description)."
            )
        }
        if let reserve = rule.reserve, reserve.slots == rule.limit, rule.limit > 0 {
            add(
                .nothingPasses, rule,
                "\(name) reserves every slot for priority \(reserve.priority): lower priorities are never sent.")
        }
        if case .lifetime = rule.window, rule.onCap == .hold, rule.limit > 0 {
            add(
                .neverEnds, rule,
                "\(name) holds until it is changed or the message expires, because a lifetime does not end.")
        }
        if rule.limit == 0, rule.finalAction == .hold {
            add(
                .neverEnds, rule,
                "\(name) has no slot (limit: 0): it holds what it restrains until it is changed or the message expires."
            )
        }
    }

    /// The parts of `per` that the messages the rule counts never share with those it restrains.
    private static func separated(_ rule: CapRule) -> [String] {
        let (a, b) = (rule.appliesTo, rule.counts)
        let parts: [(CapScope, String, Bool)] = [
            (.channel, "channels", a.channels.isDisjoint(with: b.channels)),
            (.category, "categories", SelectorLogic.areDisjoint(a.categories, b.categories)),
            (.campaign, "campaigns", SelectorLogic.areDisjoint(a.campaigns, b.campaigns)),
            (.journey, "journeys", SelectorLogic.areDisjoint(a.journeys, b.journeys)),
            (.topic, "topics", SelectorLogic.areDisjoint(a.topics, b.topics)),
            (.template, "templates", SelectorLogic.areDisjoint(a.templates, b.templates)),
            (.tenant, "tenants", SelectorLogic.areDisjoint(a.tenants, b.tenants)),
        ]
        return parts.filter { rule.scope.contains($0.0) && $0.2 }.map(\.1)
    }

    mutating func checkOverrides() {
        for rule in rules.caps {
            for position in rule.overrides {
                let other = rules.caps[position]
                if logic.areDisjoint(rule.appliesTo, other.appliesTo) {
                    add(
                        .overridesNothing, rule,
                        "The cap \"\(rule.name)\" overrides \"\(other.name)\", but no message is limited by both.")
                } else if rule.segment == nil, logic.covers(rule.appliesTo, other.appliesTo) {
                    add(
                        .overridden, other,
                        "The cap \"\(other.name)\" never applies: \"\(rule.name)\" overrides it everywhere.")
                }
            }
        }
    }

    /// Finds rules that can never fill because of another rule.
    mutating func checkCoverage() {
        guard rules.caps.count <= Self.maxCompared else {
            add(
                .notCompared, rules.caps[0],
                "There are \(rules.caps.count) caps; beyond \(Self.maxCompared) they are not compared with each other.")
            return
        }
        let overridden = Set(rules.caps.flatMap(\.overrides))
        let firm = rules.caps.indices.filter { position in
            let rule = rules.caps[position]
            return !overridden.contains(position) && rule.personal == .tighten && rule.segment?.onError != .allow
        }
        for (position, rule) in rules.caps.enumerated() where rule.limit > 0 && !overridden.contains(position) {
            for other in firm where other != position {
                if let finding = compare(rule, position, with: rules.caps[other], other) {
                    add(finding.kind, rule, finding.message)
                    break
                }
            }
        }
    }

    /// Whether `strict` lets so few contacts through that `rule` never stops a message by itself.
    private func compare(
        _ rule: CapRule, _ position: Int, with strict: CapRule, _ other: Int
    ) -> (kind: PolicyFinding.Kind, message: String)? {
        guard strict.scope.isSubset(of: rule.scope),
            strict.segment == nil || strict.segment?.text == rule.segment?.text,
            logic.covers(strict.appliesTo, rule.counts), logic.covers(strict.counts, rule.counts), obeys(rule.counts),
            let windows = strict.window.windows(in: rule.window)
        else { return nil }
        let (most, overflows) = windows.multipliedReportingOverflow(by: strict.limit)
        guard !overflows else { return nil }
        let least = rule.limit - (rule.reserve?.slots ?? 0)
        if least > most {
            return (
                .neverFills,
                "The cap \"\(rule.name)\" never fills: \"\(strict.name)\" lets at most \(most) through in its window."
            )
        }
        // Of two equal rules, the later one is reported.
        let isMutual =
            strict.limit == rule.limit && rule.window.windows(in: strict.window) == 1
            && logic.covers(rule.appliesTo, strict.appliesTo) && Self.strictness(rule) == Self.strictness(strict)
        guard least == most, logic.covers(strict.appliesTo, rule.appliesTo),
            Self.strictness(rule) <= Self.strictness(strict), !(isMutual && position < other)
        else { return nil }
        return (
            .neverDecides,
            "The cap \"\(rule.name)\" never decides: \"\(strict.name)\" stops every message that it would stop."
        )
    }

    /// Whether all contacts that the selector matches obey caps. Otherwise they bypass the strict rule.
    private func obeys(_ counts: Selector) -> Bool {
        let named =
            counts.categories.isEmpty
            ? Array(rules.categories.values) : counts.categories.compactMap { rules.categories[$0] }
        return named.allSatisfy { !$0.countsTowardCaps || $0.obeysCaps }
    }

    private static func strictness(_ rule: CapRule) -> Int {
        switch rule.onCap {
        case .drop: 2
        case .hold: 1
        case .nextChannel: 0
        }
    }

    private static func list(_ categories: [CategoryPolicy]) -> String {
        categories.map { "category \($0.name)" }.joined(separator: " and ")
    }
}
