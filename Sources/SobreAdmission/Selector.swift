import SobreModel

/// Which contacts a rule is about. Every condition that is given must hold; an empty one holds for all.
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
    /// True when nothing but channel and category is asked: the usual case, decided without looking at the rest.
    private(set) var isShallow = true

    /// Call after the last change.
    mutating func seal() {
        isShallow =
            campaigns.isEmpty && journeys.isEmpty && topics.isEmpty && templates.isEmpty && tenants.isEmpty
            && anyTags.isEmpty && allTags.isEmpty && noTags.isEmpty
    }

    func includes(_ channel: Channel) -> Bool { channels.contains(channel) }

    /// Tags match with their descendants: contacts carry every tag with its ancestors.
    func matches(_ traits: ContactTraits) -> Bool {
        guard includes(traits.channel), Self.holds(categories, traits.category) else { return false }
        if isShallow { return true }
        return Self.holds(campaigns, traits.campaign) && Self.holds(journeys, traits.journey)
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
