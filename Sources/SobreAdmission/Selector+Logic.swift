import SobreModel

/// What can be told of two selectors without a message. Each answer errs towards "no": a finding is never made up.
struct SelectorLogic {
    /// The tags' own texts, by key hash.
    let names: [KeyHash: String]

    /// Whether a contact with the first tag has the second, too: it is the same, or one of its ancestors.
    private func implies(_ tag: KeyHash, _ other: KeyHash) -> Bool {
        if tag == other { return true }
        guard let text = names[tag], let above = names[other] else { return false }
        return text.hasPrefix(above + "/")
    }

    /// Whether every contact that `inner` matches is matched by `outer`.
    func covers(_ outer: Selector, _ inner: Selector) -> Bool {
        let channels = Channel.allCases.filter { inner.includes($0) }
        return channels.allSatisfy { outer.includes($0) }
            && Self.covers(outer.categories, inner.categories) && Self.covers(outer.campaigns, inner.campaigns)
            && Self.covers(outer.journeys, inner.journeys) && Self.covers(outer.topics, inner.topics)
            && Self.covers(outer.templates, inner.templates) && Self.covers(outer.tenants, inner.tenants)
            && coversTags(outer, inner)
    }

    private static func covers(_ outer: [KeyHash], _ inner: [KeyHash]) -> Bool {
        outer.isEmpty || !inner.isEmpty && inner.allSatisfy(outer.contains)
    }

    private func coversTags(_ outer: Selector, _ inner: Selector) -> Bool {
        /// Whether whatever `inner` matches has one of these tags.
        func has(_ tags: [KeyHash]) -> Bool {
            if inner.allTags.contains(where: { tag in tags.contains { implies(tag, $0) } }) { return true }
            return !inner.anyTags.isEmpty && inner.anyTags.allSatisfy { tag in tags.contains { implies(tag, $0) } }
        }
        return (outer.anyTags.isEmpty || has(outer.anyTags)) && outer.allTags.allSatisfy { has([$0]) }
            && outer.noTags.allSatisfy { tag in inner.noTags.contains { implies(tag, $0) } }
    }

    /// Whether no contact is matched by both.
    func areDisjoint(_ a: Selector, _ b: Selector) -> Bool {
        !Channel.allCases.contains { a.includes($0) && b.includes($0) }
            || Self.areDisjoint(a.categories, b.categories) || Self.areDisjoint(a.campaigns, b.campaigns)
            || Self.areDisjoint(a.journeys, b.journeys) || Self.areDisjoint(a.topics, b.topics)
            || Self.areDisjoint(a.templates, b.templates) || Self.areDisjoint(a.tenants, b.tenants)
            || excludes(a, b) || excludes(b, a)
    }

    /// Whether no value is among both; an empty list stands for all values.
    static func areDisjoint(_ a: [KeyHash], _ b: [KeyHash]) -> Bool {
        !a.isEmpty && !b.isEmpty && !a.contains(where: b.contains)
    }

    /// Whether what `b` demands is what `a` forbids.
    private func excludes(_ a: Selector, _ b: Selector) -> Bool {
        func isForbidden(_ tag: KeyHash) -> Bool { a.noTags.contains { implies(tag, $0) } }
        return b.allTags.contains(where: isForbidden) || !b.anyTags.isEmpty && b.anyTags.allSatisfy(isForbidden)
    }

    /// Whether a selector forbids what it demands.
    func matchesNothing(_ selector: Selector) -> Bool { excludes(selector, selector) }
}
