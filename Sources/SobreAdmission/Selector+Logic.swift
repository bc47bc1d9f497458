import SobreModel

/// What can be derived from two selectors without a message. In doubt the answers are "no", so that no false finding is
/// reported.
struct SelectorLogic {
    /// The texts of the tags by key hash.
    let names: [KeyHash: String]

    /// Whether a contact with the first tag also has the second: the same tag or an ancestor of it.
    private func implies(_ tag: KeyHash, _ other: KeyHash) -> Bool {
        if tag == other { return true }
        guard let text = names[tag], let above = names[other] else { return false }
        return text.hasPrefix(above + "/")
    }

    /// Whether `outer` matches every contact that `inner` matches.
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
        /// Whether everything `inner` matches has one of these tags.
        func has(_ tags: [KeyHash]) -> Bool {
            if inner.allTags.contains(where: { tag in tags.contains { implies(tag, $0) } }) { return true }
            return !inner.anyTags.isEmpty && inner.anyTags.allSatisfy { tag in tags.contains { implies(tag, $0) } }
        }
        return (outer.anyTags.isEmpty || has(outer.anyTags)) && outer.allTags.allSatisfy { has([$0]) }
            && outer.noTags.allSatisfy { tag in inner.noTags.contains { implies(tag, $0) } }
    }

    /// Whether no contact matches both.
    func areDisjoint(_ a: Selector, _ b: Selector) -> Bool {
        !Channel.allCases.contains { a.includes($0) && b.includes($0) }
            || Self.areDisjoint(a.categories, b.categories) || Self.areDisjoint(a.campaigns, b.campaigns)
            || Self.areDisjoint(a.journeys, b.journeys) || Self.areDisjoint(a.topics, b.topics)
            || Self.areDisjoint(a.templates, b.templates) || Self.areDisjoint(a.tenants, b.tenants)
            || excludes(a, b) || excludes(b, a)
    }

    /// Whether the lists have no value in common. An empty list means all values.
    static func areDisjoint(_ a: [KeyHash], _ b: [KeyHash]) -> Bool {
        !a.isEmpty && !b.isEmpty && !a.contains(where: b.contains)
    }

    /// Whether `a` forbids tags that `b` requires.
    private func excludes(_ a: Selector, _ b: Selector) -> Bool {
        func isForbidden(_ tag: KeyHash) -> Bool { a.noTags.contains { implies(tag, $0) } }
        return b.allTags.contains(where: isForbidden) || !b.anyTags.isEmpty && b.anyTags.allSatisfy(isForbidden)
    }

    /// Whether a selector forbids tags it requires.
    func matchesNothing(_ selector: Selector) -> Bool { excludes(selector, selector) }
}
