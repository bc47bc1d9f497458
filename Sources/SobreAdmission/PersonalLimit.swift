import SobreModel

/// How a recipient's own limit is combined with a cap.
enum PersonalLimit: String, CaseIterable, Sendable {
    /// The smaller of the two limits holds.
    case tighten
    /// The recipient's limit replaces the rule's, even if it is higher.
    case replace
}

extension CapRule {
    /// The limit for one recipient, before slots are reserved.
    func limit(for caps: RecipientCaps) -> Int {
        if caps.isNone { return limit }
        var own = limit
        if let wish = caps.limits.last(where: { $0.rule == name }) {
            own = personal == .replace ? max(0, wish.limit) : min(limit, max(0, wish.limit))
        }
        // A percentage never reduces a limit to 0. To get no messages at all there are pauses, and a limit of 0.
        guard own > 0, caps.percent < 100 else { return own }
        return max(1, own * max(0, caps.percent) / 100)
    }

    /// The limit for a message of this priority to this recipient.
    func limit(for priority: Priority, _ caps: RecipientCaps) -> Int {
        let own = limit(for: caps)
        guard let reserve, priority < reserve.priority else { return own }
        return max(0, own - reserve.slots)
    }
}
