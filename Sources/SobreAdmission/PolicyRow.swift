import SobreModel
import Text
import ZoneInfo

/// One rule of a policy as text, for a table.
public struct PolicyRow: Hashable, Sendable {
    /// The list that contains the rule: `caps`, `quiet_hours`, `dedup` or `control_groups`.
    public var list: String
    public var name: String
    /// The line in the policy's text, from 1.
    public var line: Int
    /// What the rule applies to, for example `marketing by sms, push; tag promo`.
    public var about: String
    /// The rule itself, for example `3 in any 7 days, per recipient`.
    public var says: String
    /// What happens to a message that the rule stops: `drop`, `hold` or `next_channel`.
    public var then: String
    /// Conditions and exceptions, for example `1 kept for high`.
    public var notes: [String]
}

extension Policy {
    /// All rules as text, in the order they are evaluated.
    public var rows: [PolicyRow] {
        rules.controlGroups.map(row) + rules.dedup.map(row) + rules.quiet.map(row) + rules.caps.map(row)
    }

    private func row(_ group: ControlGroup) -> PolicyRow {
        let share = group.share % 100 == 0 ? "\(group.share / 100)" : "\(Double(group.share) / 100)"
        return PolicyRow(
            list: "control_groups", name: group.name, line: group.line, about: words(group.appliesTo),
            says: "\(share) % of people are never contacted", then: "drop", notes: [])
    }

    private func row(_ rule: DedupRule) -> PolicyRow {
        var notes = [rule.across == .none ? "each channel separately" : nil].compactMap { $0 }
        if rule.key.contains(.dedupKey), rule.missing != .compareRest {
            notes.append("without a dedup_key: \(rule.missing.rawValue)")
        }
        return PolicyRow(
            list: "dedup", name: rule.name, line: rule.line, about: words(rule.appliesTo),
            says:
                "1 with the same \(rule.key.description) in any \(DurationText.words(rule.window)), per \(rule.scope.rawValue)",
            then: "drop", notes: notes)
    }

    private func row(_ rule: QuietRule) -> PolicyRow {
        PolicyRow(
            list: "quiet_hours", name: rule.name, line: rule.line, about: words(rule.appliesTo),
            says: rule.hours.words + (rule.zone.map { ", \($0.name)" } ?? ", by the recipient's clock"),
            then: action(rule.onHit, rule.otherwise), notes: segmentNotes(rule.segment))
    }

    private func row(_ rule: CapRule) -> PolicyRow {
        var notes: [String] = []
        if rule.counts != rule.appliesTo { notes.append("counts \(words(rule.counts))") }
        if let reserve = rule.reserve, reserve.slots > 0 {
            notes.append("\(reserve.slots) reserved for \(reserve.priority) and above")
        }
        if !rule.overrides.isEmpty {
            notes.append("overrides \(rule.overrides.map { rules.caps[$0].name }.joined(separator: ", "))")
        }
        if rule.personal == .replace { notes.append("a person's own limit replaces it") }
        return PolicyRow(
            list: "caps", name: rule.name, line: rule.line, about: words(rule.appliesTo),
            says: rule.limit == 0 ? "never" : "\(rule.limit) \(rule.window.words), per \(rule.scope.description)",
            then: action(rule.onCap, rule.otherwise), notes: notes + segmentNotes(rule.segment))
    }

    private func action(_ action: RuleAction, _ fallback: RuleFallback) -> String {
        action == .nextChannel ? "next_channel, else \(fallback.rawValue)" : action.rawValue
    }

    private func segmentNotes(_ segment: Segment?) -> [String] {
        guard let segment else { return [] }
        return ["where \(segment.text)" + (segment.onError == .allow ? " (unreadable: allowed)" : "")]
    }

    /// Describes a selector with the names in the policy.
    func words(_ selector: Selector) -> String {
        func names(_ keyHashes: [KeyHash]) -> String {
            keyHashes.map { rules.names[$0] ?? "?" }.joined(separator: ", ")
        }
        var parts: [String] = []
        if !selector.categories.isEmpty { parts.append(names(selector.categories)) }
        let channels = Channel.allCases.filter { selector.includes($0) }
        if channels.count < Channel.allCases.count {
            parts.append(
                "by " + (channels.isEmpty ? "no channel" : channels.map(\.description).joined(separator: ", ")))
        }
        let kinds: [(String, [KeyHash])] = [
            ("campaign", selector.campaigns), ("journey", selector.journeys), ("topic", selector.topics),
            ("template", selector.templates), ("tenant", selector.tenants), ("tag", selector.anyTags),
            ("every tag of", selector.allTags), ("no tag of", selector.noTags),
        ]
        for (kind, keyHashes) in kinds where !keyHashes.isEmpty { parts.append("\(kind) \(names(keyHashes))") }
        return parts.isEmpty ? "everything" : parts.joined(separator: "; ")
    }
}
