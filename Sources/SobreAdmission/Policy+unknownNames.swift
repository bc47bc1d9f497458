import SobreModel
import Text

extension Policy {
    /// Rules that name a template which does not exist: they never apply to a message.
    ///
    /// - Parameter known: the names of the templates.
    /// - Returns: a finding for each rule and name, in the order of the text.
    public func unknownTemplates(known: [String]) -> [PolicyFinding] {
        let hashes = Set(known.map { KeyHash($0) })
        var found: [PolicyFinding] = []
        func check(_ list: String, _ rule: String, _ line: Int, _ selectors: [Selector]) {
            var seen: Set<KeyHash> = []
            for hash in selectors.flatMap(\.templates) where !hashes.contains(hash) && seen.insert(hash).inserted {
                let name = rules.names[hash] ?? "?"
                let hint = Suggestion.closest(to: name, among: known).map { " Did you mean \"\($0)\"?" } ?? ""
                found.append(
                    PolicyFinding(
                        kind: .unknownName, list: list, rule: rule, line: line,
                        message: "The rule \"\(rule)\" names the template \"\(name)\", which does not exist.\(hint)"))
            }
        }
        for rule in rules.controlGroups { check("control_groups", rule.name, rule.line, [rule.appliesTo]) }
        for rule in rules.dedup { check("dedup", rule.name, rule.line, [rule.appliesTo]) }
        for rule in rules.quiet { check("quiet_hours", rule.name, rule.line, [rule.appliesTo]) }
        for rule in rules.caps { check("caps", rule.name, rule.line, [rule.appliesTo, rule.counts]) }
        return found.sorted { $0.line < $1.line }
    }
}
