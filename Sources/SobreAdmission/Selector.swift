import SobreModel

/// The contacts a rule is about. All conditions must hold; an empty condition always holds.
struct Selector: Sendable, Hashable {
    var channels = ChannelSet.all
    var categories: [KeyHash] = []
    var campaigns: [KeyHash] = []
    var journeys: [KeyHash] = []
    var topics: [KeyHash] = []
    var templates: [KeyHash] = []
    var tenants: [KeyHash] = []
    var anyTags: [KeyHash] = []
    var allTags: [KeyHash] = []
    var noTags: [KeyHash] = []
    /// True when only channel and category are restricted. This is the usual case, and the rest is then skipped.
    private(set) var isShallow = true

    /// Must be called after the last change.
    mutating func seal() {
        isShallow =
            campaigns.isEmpty && journeys.isEmpty && topics.isEmpty && templates.isEmpty && tenants.isEmpty
            && anyTags.isEmpty && allTags.isEmpty && noTags.isEmpty
    }

    func includes(_ channel: Channel) -> Bool { channels.contains(channel) }

    /// Tags match their descendants too, because contacts carry every tag with its ancestors.
    ///
    /// The usual case is inlined, so that the traits of a contact are read in place and not copied for each rule.
    @inline(__always)
    func matches(_ traits: ContactTraits) -> Bool {
        guard includes(traits.channel), Self.holds(categories, traits.category) else { return false }
        return isShallow || matchesDeeply(traits)
    }

    private func matchesDeeply(_ traits: ContactTraits) -> Bool {
        Self.holds(campaigns, traits.campaign) && Self.holds(journeys, traits.journey)
            && Self.holds(topics, traits.topic) && Self.holds(templates, traits.template)
            && Self.holds(tenants, traits.tenant)
            && matchesTags(traits.tags)
    }

    private func matchesTags(_ tags: [KeyHash]) -> Bool {
        (anyTags.isEmpty || anyTags.contains { tags.contains($0) })
            && allTags.allSatisfy { tags.contains($0) }
            && !noTags.contains { tags.contains($0) }
    }

    private static func holds(_ allowed: [KeyHash], _ value: KeyHash) -> Bool {
        allowed.isEmpty || allowed.contains(value)
    }
}
