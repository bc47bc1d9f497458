import SobreModel

/// Finds rules that are legal but probably a mistake: never applied, contradictory or never full.
struct PolicyFindings {
    /// With more caps than this they are not compared with each other, which would take seconds.
    static let maxCompared = 1_500

    let rules: PolicyRules
    let logic: SelectorLogic
    private(set) var found: [PolicyFinding] = []

    init(_ rules: PolicyRules) {
        self.rules = rules
        logic = SelectorLogic(names: rules.names)
        for rule in rules.caps { check(rule) }
        checkOverrides()
        checkCoverage()
        for rule in rules.quiet { check(rule) }
        checkDedup()
        checkSegments()
        for group in rules.controlGroups {
            if group.share == 0 {
                add(.noEffect, group, "The control group \"\(group.name)\" is empty: its percent is 0.")
            }
            if logic.matchesNothing(group.appliesTo) {
                add(
                    .matchesNothing, group,
                    "The control group \"\(group.name)\" applies to nothing: its tags contradict each other.")
            }
        }
        found.sort { ($0.line, $0.list, $0.rule, $0.kind.rawValue) < ($1.line, $1.list, $1.rule, $1.kind.rawValue) }
    }

    mutating func add(_ finding: PolicyFinding) { found.append(finding) }

    mutating func add(_ kind: PolicyFinding.Kind, _ rule: CapRule, _ message: String) {
        found.append(PolicyFinding(kind: kind, list: "caps", rule: rule.name, line: rule.line, message: message))
    }

    private mutating func add(_ kind: PolicyFinding.Kind, _ group: ControlGroup, _ message: String) {
        found.append(
            PolicyFinding(kind: kind, list: "control_groups", rule: group.name, line: group.line, message: message))
    }

    mutating func add(_ kind: PolicyFinding.Kind, _ rule: QuietRule, _ message: String) {
        found.append(PolicyFinding(kind: kind, list: "quiet_hours", rule: rule.name, line: rule.line, message: message))
    }

    private mutating func check(_ rule: QuietRule) {
        let name = "The quiet hours \"\(rule.name)\""
        if rule.hours.isEndless {
            let end = rule.finalAction == .hold ? "held until they are changed or it expires" : "never sent"
            add(.nothingPasses, rule, "\(name) cover the whole week: a message they apply to is \(end).")
        }
        if rule.hours.isEmpty { add(.noEffect, rule, "\(name) have no hours and no effect.") }
        if logic.matchesNothing(rule.appliesTo) {
            add(.matchesNothing, rule, "\(name) apply to nothing: their tags contradict each other.")
        }
    }

    /// Finds dedup rules that another rule makes redundant, because its key is coarser and its window longer.
    private mutating func checkDedup() {
        for (place, rule) in rules.dedup.enumerated() {
            if logic.matchesNothing(rule.appliesTo) {
                addDedup(
                    .matchesNothing, rule,
                    "The dedup rule \"\(rule.name)\" applies to nothing: its tags contradict each other.")
            }
            let other = rules.dedup.enumerated().first { other, wide in
                other != place && logic.covers(wide.appliesTo, rule.appliesTo) && wide.key.isSubset(of: rule.key)
                    && wide.window >= rule.window && wide.scope == .recipient && wide.across == .channels
                    && wide.missing == .compareRest && rule.missing != .hold
                    && (other < place || wide.key != rule.key || wide.window > rule.window
                        || !logic.covers(rule.appliesTo, wide.appliesTo))
            }
            if let other {
                addDedup(
                    .neverDecides, rule,
                    "The dedup rule \"\(rule.name)\" never decides: \"\(other.element.name)\" finds the same duplicates."
                )
            }
        }
    }

    private mutating func addDedup(_ kind: PolicyFinding.Kind, _ rule: DedupRule, _ message: String) {
        found.append(PolicyFinding(kind: kind, list: "dedup", rule: rule.name, line: rule.line, message: message))
    }
}
