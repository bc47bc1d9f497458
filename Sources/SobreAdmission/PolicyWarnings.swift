import SobreModel

/// Finds rules that are legal but can hardly be meant.
struct PolicyWarnings {
    private(set) var sentences: [String] = []

    init(_ rules: PolicyRules) {
        for rule in rules.caps { check(rule, rules) }
        for rule in rules.quiet where rule.hours.isEndless {
            sentences.append(
                "The quiet hours \"\(rule.name)\" cover the whole week: what they apply to is never sent.")
        }
        for rule in rules.quiet where rule.hours.isEmpty {
            sentences.append("The quiet hours \"\(rule.name)\" have no hours: they hold nothing.")
        }
        for group in rules.controlGroups where group.share == 0 {
            sentences.append("The control group \"\(group.name)\" holds nobody: its percent is 0.")
        }
        checkRepeats(rules)
    }

    private mutating func check(_ rule: CapRule, _ rules: PolicyRules) {
        let restrained = rule.appliesTo.categories.compactMap { rules.categories[$0] }
        if !restrained.isEmpty, restrained.allSatisfy({ !$0.obeysCaps }) {
            sentences.append(
                "The cap \"\(rule.name)\" restrains nothing: \(Self.list(restrained)) does not obey caps (obeys_caps: false)."
            )
        }
        let counted = rule.counts.categories.compactMap { rules.categories[$0] }
        if rule.limit > 0, !counted.isEmpty, counted.allSatisfy({ !$0.countsTowardCaps }) {
            sentences.append(
                "The cap \"\(rule.name)\" never fills: \(Self.list(counted)) does not count (counts_toward_caps: false)."
            )
        }
        if rule.appliesTo.channels & rule.counts.channels == 0, rule.scope.contains(.channel) {
            sentences.append(
                "The cap \"\(rule.name)\" never fills: it counts other channels than it restrains, each by itself.")
        }
        if let reserve = rule.reserve, reserve.slots == rule.limit, rule.limit > 0 {
            sentences.append(
                "The cap \"\(rule.name)\" keeps every slot for priority \(reserve.priority): all else is never sent.")
        }
        if case .lifetime = rule.window, rule.onCap == .hold {
            sentences.append("The cap \"\(rule.name)\" holds for ever: a lifetime never ends, so it drops instead.")
        }
    }

    /// Two rules over the same contacts and the same window: the smaller limit decides alone.
    private mutating func checkRepeats(_ rules: PolicyRules) {
        struct Kind: Hashable {
            var appliesTo: Selector
            var counts: Selector
            var window: String
            var scope: CapScope
        }
        var first: [Kind: CapRule] = [:]
        for rule in rules.caps {
            let kind = Kind(
                appliesTo: rule.appliesTo, counts: rule.counts, window: rule.window.description, scope: rule.scope)
            guard let other = first.updateValue(rule, forKey: kind) else { continue }
            let (tight, loose) = other.limit <= rule.limit ? (other, rule) : (rule, other)
            sentences.append(
                "The cap \"\(loose.name)\" never decides: \"\(tight.name)\" counts the same with a limit of \(tight.limit)."
            )
        }
    }

    private static func list(_ categories: [CategoryPolicy]) -> String {
        categories.map { "category \($0.name)" }.joined(separator: " and ")
    }
}
