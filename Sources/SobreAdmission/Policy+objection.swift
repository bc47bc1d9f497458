import SobreModel

// A prefix of a policy's text is mostly a policy, too: one with fewer rules. A file that was emptied, cut, or read while
// somebody wrote it must not silently let everything through, or drop what it no longer names.
extension Policy {
    /// How much more a cap may allow before it counts as gone, when every cap becomes looser.
    static let loosened = 10.0

    /// Why this policy may not take the place of another one unless its text asks for it with `loosens: VERSION`.
    ///
    /// Single rules may be changed, added and removed freely. What is objected to: a text that is cut off; a kind of rule
    /// of which none is left; caps that all allow ten times as much; a category that is no longer named, asks for less
    /// consent, or is no longer restrained by caps.
    ///
    /// - Parameters:
    ///   - text: the text of this policy.
    ///   - old: the policy in force.
    ///   - oldText: its text; empty: it is not known.
    /// - Returns: nil when there is nothing to object to.
    public func objection(text: String, replacing old: Policy, text oldText: String) -> PolicyObjection? {
        if rules.loosens == old.version { return nil }
        let reasons = Self.cuts(text, from: oldText) + lostRules(of: old) + loosenedCategories(of: old)
        return reasons.isEmpty ? nil : PolicyObjection(reasons: reasons, version: old.version)
    }

    private static func cuts(_ text: String, from old: String) -> [String] {
        let (lines, oldLines) = (meaningfulLines(text), meaningfulLines(old))
        if oldLines.last == "...", lines.last != "..." {
            return ["it does not end with the line \"...\", as that version does, so it may have been cut"]
        }
        guard !lines.isEmpty, lines.count <= oldLines.count, lines != oldLines else { return [] }
        let isBeginning =
            lines.dropLast().elementsEqual(oldLines.prefix(lines.count - 1))
            && oldLines[lines.count - 1].hasPrefix(lines[lines.count - 1])
        return isBeginning ? ["it is the beginning of that version, so it may have been cut"] : []
    }

    /// The lines that say something, without what follows the text.
    private static func meaningfulLines(_ text: String) -> [Substring] {
        text.split(whereSeparator: \.isNewline).map { line in
            var line = line
            while line.last == " " || line.last == "\t" { line.removeLast() }
            return line
        }.filter { line in line.first { $0 != " " && $0 != "\t" }.map { $0 != "#" } ?? false }
    }

    private func lostRules(of old: Policy) -> [String] {
        var lost: [String] = []
        let kinds: [(name: String, before: Int, after: Int)] = [
            ("caps", old.rules.caps.count, rules.caps.count),
            ("quiet hours", old.rules.quiet.count, rules.quiet.count),
            ("dedup rules", old.rules.dedup.count, rules.dedup.count),
            ("control groups", old.rules.controlGroups.count, rules.controlGroups.count),
        ]
        for kind in kinds where kind.before > 0 && kind.after == 0 { lost.append("its \(kind.name) are gone") }
        if old.rules.tracking?.requiresConsent == true, rules.tracking?.requiresConsent != true {
            lost.append("openings and clicks no longer need consent to tracking")
        }
        if !rules.caps.isEmpty, loosensEveryCap(of: old) {
            lost.append("every cap allows at least \(Int(Self.loosened)) times as much")
        }
        return lost
    }

    private func loosensEveryCap(of old: Policy) -> Bool {
        guard let strictest = old.rules.caps.map(\.rate).min(), let own = rules.caps.map(\.rate).min() else {
            return false
        }
        func isLoosened(_ rate: Double, from before: Double) -> Bool { rate > 0 && rate >= before * Self.loosened }
        guard isLoosened(own, from: strictest) else { return false }
        return old.rules.caps.allSatisfy { cap in
            rules.caps.first { $0.name == cap.name }.map { isLoosened($0.rate, from: cap.rate) } ?? true
        }
    }

    private func loosenedCategories(of old: Policy) -> [String] {
        old.categories.flatMap { before -> [String] in
            guard let after = rules.categories[KeyHash(before.name)] else {
                return ["the category \"\(before.name)\" is gone, so its messages are treated in the strictest way"]
            }
            var reasons: [String] = []
            if after.consent.strictness < before.consent.strictness {
                reasons.append(
                    "the category \"\(before.name)\" asks for consent \(after.consent.rawValue) instead of "
                        + before.consent.rawValue)
            }
            if before.obeysCaps, !after.obeysCaps {
                reasons.append("caps no longer restrain the category \"\(before.name)\"")
            }
            return reasons
        }
    }
}

extension CapRule {
    /// Contacts a millisecond, over its window.
    fileprivate var rate: Double { Double(limit) / Double(max(1, window.reach.milliseconds)) }
}

extension CategoryPolicy.ConsentMode {
    fileprivate var strictness: Int {
        switch self {
        case .optIn: 2
        case .optOut: 1
        case .none: 0
        }
    }
}
