import SobreModel

/// What a person's own wish means for one cap.
enum PersonalLimit: String, CaseIterable, Sendable {
    /// The smaller of the person's limit and the rule's holds.
    case tighten
    /// A limit that the person chose stands in place of the rule's, also a higher one.
    case replace
}

extension CapRule {
    /// The limit for one person, before slots are reserved.
    func limit(for caps: RecipientCaps) -> Int {
        if caps.isNone { return limit }
        var own = limit
        if let wish = caps.limits.last(where: { $0.rule == name }) {
            own = personal == .replace ? max(0, wish.limit) : min(limit, max(0, wish.limit))
        }
        // "Fewer" never comes to "none": for that there are pauses, and a limit of 0.
        guard own > 0, caps.percent < 100 else { return own }
        return max(1, own * max(0, caps.percent) / 100)
    }

    /// The limit for a message of this priority to this person.
    func limit(for priority: Priority, _ caps: RecipientCaps) -> Int {
        let own = limit(for: caps)
        guard let reserve, priority < reserve.priority else { return own }
        return max(0, own - reserve.slots)
    }
}
