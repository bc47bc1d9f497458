import SobreModel

extension PolicyFindings {
    /// Conditions that compare something with a bare name, which is read as an attribute: `recipient.country == NO` is
    /// mostly meant to be a text.
    mutating func checkSegments() {
        for rule in rules.caps { add(Self.bareNames(in: rule.segment), "caps", rule.name, rule.line) }
        for rule in rules.quiet { add(Self.bareNames(in: rule.segment), "quiet_hours", rule.name, rule.line) }
    }

    private mutating func add(_ names: [String], _ list: String, _ rule: String, _ line: Int) {
        for name in names {
            add(
                PolicyFinding(
                    kind: .unknownName, list: list, rule: rule, line: line,
                    message:
                        "The rule \"\(rule)\" compares with \(name), which is read as an attribute of the profile. "
                        + "Write '\(name)' if it is meant as a text."))
        }
    }

    private static func bareNames(in segment: Segment?) -> [String] {
        guard let segment else { return [] }
        var names: [String] = []
        collect(segment.condition, into: &names)
        return names
    }

    private static func collect(_ condition: Segment.Condition, into names: inout [String]) {
        func note(_ operand: Segment.Operand) {
            if case .attribute(let keys) = operand, keys.count == 1, !names.contains(keys[0]) { names.append(keys[0]) }
        }
        switch condition {
        case .both(let a, let b), .either(let a, let b):
            collect(a, into: &names)
            collect(b, into: &names)
        case .not(let inner): collect(inner, into: &names)
        case .compare(let a, _, let b): if a.isName { note(b) }
        case .contained(let value, let list):
            guard value.isName else { return }
            for operand in list { note(operand) }
        case .listed, .holds: break
        }
    }
}

extension Segment.Operand {
    /// Whether it is read from the profile.
    fileprivate var isName: Bool {
        switch self {
        case .attribute, .field: true
        case .text, .number, .bool, .null: false
        }
    }
}
