import SobreModel

/// The quiet hours that stop a message.
struct QuietFinding {
    /// The position of the first rule that objects.
    var rule: Int
    /// The strictest action of all rules that object.
    var action: RuleAction
    /// Whether the message waits where no other channel takes it.
    var mayWait = false
    /// When every rule would let the message pass. Nil when the message is not to wait, or when that never happens.
    var until: Instant?

    func summary(in evaluation: Evaluation) -> String {
        evaluation.policy.rules.quiet[rule].name + (until.map { " until \($0)" } ?? "")
    }
}

extension Evaluation {
    /// The positions of the quiet-hours rules that apply to a contact with these traits.
    func quietRules(_ traits: ContactTraits) -> [Int32] {
        guard !policy.index.quiet.isEmpty else { return [] }
        var rules = policy.index.quiet.rules(for: traits)
        rules.removeAll { position in
            let rule = policy.rules.quiet[Int(position)]
            return !rule.appliesTo.matches(traits) || !includesPerson(rule.segment)
        }
        return rules
    }

    /// Step `quiet_hours`. Nil when no rule objects.
    func quiet(
        _ traits: ContactTraits, _ address: KeyHash, _ capRules: [Int32], _ shared: [SharedCaps]
    ) -> QuietFinding? {
        let rules = quietRules(traits)
        var first: Int32?
        var action = RuleAction.nextChannel
        var fallsBackToHold = true
        for position in rules {
            let rule = policy.rules.quiet[Int(position)]
            guard rule.isQuiet(at: now, zones: zones.all) else { continue }
            first = first ?? position
            action = Self.stricter(action, rule.onHit)
            if rule.onHit == .nextChannel, rule.otherwise == .drop { fallsBackToHold = false }
        }
        guard let first else { return nil }
        var finding = QuietFinding(rule: Int(first), action: action)
        finding.mayWait = action == .hold || action == .nextChannel && fallsBackToHold
        if finding.mayWait {
            // Caps that drop are evaluated when the quiet hours are over. They may have room then.
            finding.until = release(
                traits, address, quietRules: rules, capRules: holding(capRules), shared: shared.map { $0.holding() })
        }
        return finding
    }

    /// The first instant from now on at which these quiet hours and caps and the recipient's pauses all pass, if
    /// nothing more were sent. Nil for never.
    ///
    /// Computed as a fixed point: each rule moves the instant forward until none does. The number of rounds is bounded.
    /// If it is reached, the last instant is when to check again.
    func release(
        _ traits: ContactTraits, _ address: KeyHash, quietRules: [Int32], capRules: [Int32], shared: [SharedCaps]
    ) -> Instant? {
        var instant = now
        for _ in 0..<256 {
            var next = instant
            if let pause = pause(traits, at: instant) { next = pause.until }
            for position in quietRules {
                let rule = policy.rules.quiet[Int(position)]
                guard let end = rule.release(from: instant, zones: zones.all, delivery: request.delivery) else {
                    return nil
                }
                next = max(next, end)
            }
            for position in capRules {
                guard let free = free(Int(position), traits, address, from: instant) else { return nil }
                next = max(next, free)
            }
            for other in shared {
                guard let free = other.free(traits, address, from: instant) else { return nil }
                next = max(next, free)
            }
            if next == instant { return instant }
            instant = next
        }
        return instant
    }

    /// When to decide again what is held without an end that can be computed: the rule may have changed by then. After
    /// half of the time that the message has waited, within bounds, so that a change is seen soon and a long hold costs
    /// little.
    var lookAgainAt: Instant {
        let longest = max(policy.rules.recheck.milliseconds, 1)
        let waited = (now - request.message.beginsAt).milliseconds
        return now + .milliseconds(min(max(waited / 2, min(5_000, longest)), longest))
    }

    static func stricter(_ a: RuleAction, _ b: RuleAction) -> RuleAction {
        if a == .drop || b == .drop { return .drop }
        return a == .hold || b == .hold ? .hold : .nextChannel
    }
}
