import SobreModel

/// Finds the rules that may match a message without checking the others.
///
/// Each rule is stored under one of the key hashes its selector requires. If several values are allowed, it is stored
/// under each. Rules that require none are always checked.
final class RuleIndex: Sendable {
    let caps: Buckets
    let quiet: Buckets
    let dedup: Buckets
    /// Whether any rule depends on the address.
    let needsAddress: Bool
    /// Whether any rule depends on the recipient's zone.
    let needsZones: Bool
    /// Whether any rule overrides another.
    let hasOverrides: Bool
    let horizon: Duration
    /// All categories the policy names, sorted. Needed for each incoming message.
    let categoryNames: [String]

    init(_ rules: PolicyRules) {
        caps = Buckets(rules.caps.map(\.appliesTo))
        quiet = Buckets(rules.quiet.map(\.appliesTo))
        dedup = Buckets(rules.dedup.map(\.appliesTo))
        needsAddress =
            rules.caps.contains { $0.scope.contains(.address) } || rules.dedup.contains { $0.scope == .address }
        needsZones =
            rules.quiet.contains { $0.zone == nil }
            || rules.caps.contains {
                if case .calendar(let window) = $0.window { window.zone == nil } else { false }
            }
        hasOverrides = rules.caps.contains { !$0.overrides.isEmpty }
        var reach = Duration.seconds(86_400)
        for rule in rules.caps { reach = max(reach, rule.window.reach) }
        for rule in rules.dedup { reach = max(reach, rule.window) }
        for category in rules.categories.values { reach = max(reach, category.fingerprintWindow) }
        horizon = reach + rules.inFlight
        categoryNames = rules.categories.values.map(\.name).sorted()
    }

    /// The rules of one kind. A class, because a decision uses three of them and would otherwise copy each.
    final class Buckets: Sendable {
        private let table: Table
        let isEmpty: Bool

        /// - Parameter selectors: the rules' selectors, in the rules' order.
        init(_ selectors: [Selector]) {
            isEmpty = selectors.isEmpty
            table = Table(selectors)
        }

        /// The positions of the rules that may match, ascending, each once.
        func rules(for traits: ContactTraits) -> [Int32] { table.rules(for: traits) }
    }

    /// Positions of rules by the most selective key hash their selectors require.
    private struct Table: Sendable {
        private var always: [Int32] = []
        private var byCampaign: [KeyHash: [Int32]] = [:]
        private var byTemplate: [KeyHash: [Int32]] = [:]
        private var byTag: [KeyHash: [Int32]] = [:]
        private var byTenant: [KeyHash: [Int32]] = [:]
        private var byTopic: [KeyHash: [Int32]] = [:]
        private var byJourney: [KeyHash: [Int32]] = [:]
        private var byCategory: [KeyHash: [Int32]] = [:]

        init(_ selectors: [Selector]) {
            for (position, selector) in selectors.enumerated() { add(position, selector) }
        }

        private mutating func add(_ position: Int, _ selector: Selector) {
            let position = Int32(position)
            // The most selective condition first.
            if !selector.campaigns.isEmpty {
                for keyHash in selector.campaigns { byCampaign[keyHash, default: []].append(position) }
            } else if !selector.templates.isEmpty {
                for keyHash in selector.templates { byTemplate[keyHash, default: []].append(position) }
            } else if let tag = selector.allTags.first {
                byTag[tag, default: []].append(position)
            } else if !selector.anyTags.isEmpty {
                for keyHash in selector.anyTags { byTag[keyHash, default: []].append(position) }
            } else if !selector.topics.isEmpty {
                for keyHash in selector.topics { byTopic[keyHash, default: []].append(position) }
            } else if !selector.journeys.isEmpty {
                for keyHash in selector.journeys { byJourney[keyHash, default: []].append(position) }
            } else if !selector.tenants.isEmpty {
                for keyHash in selector.tenants { byTenant[keyHash, default: []].append(position) }
            } else if !selector.categories.isEmpty {
                for keyHash in selector.categories { byCategory[keyHash, default: []].append(position) }
            } else {
                always.append(position)
            }
        }

        func rules(for traits: ContactTraits) -> [Int32] {
            var found = always
            var sources = found.isEmpty ? 0 : 1
            func take(_ bucket: [KeyHash: [Int32]], _ keyHash: KeyHash) {
                guard !bucket.isEmpty, let positions = bucket[keyHash] else { return }
                sources += 1
                if found.isEmpty { found = positions } else { found += positions }
            }
            take(byCategory, traits.category)
            take(byCampaign, traits.campaign)
            take(byTemplate, traits.template)
            take(byTopic, traits.topic)
            take(byJourney, traits.journey)
            take(byTenant, traits.tenant)
            if !byTag.isEmpty {
                for tag in traits.tags { take(byTag, tag) }
            }
            guard sources > 1 else { return found }
            found.sort()
            // A rule for any of several tags may have been found once for each.
            var last: Int32 = -1
            found.removeAll { position in
                defer { last = position }
                return position == last
            }
            return found
        }
    }
}
