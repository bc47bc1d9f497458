import SobreModel

/// The state of one cap for a request.
struct CapFinding {
    enum State: Sendable {
        case free
        /// The contacts already made fill the cap. Free again at an instant, or never (nil).
        case full(freeAt: Instant?)
        /// The cap is full only if the attempts in flight succeed. To be checked again at an instant.
        case pending(until: Instant)
    }

    /// The position of the rule.
    var rule: Int
    /// The position in `facts.holders` of the profile whose cap it is; nil for the recipient's.
    var holder: Int?
    /// Contacts in flight, and contacts already made.
    var reserved: Int
    var committed: Int
    /// The limit for the request's priority.
    var limit: Int
    var state: State
    /// Whether the message updates an activity that counts already, so that it adds no contact.
    var joins = false

    /// How another profile is named. Who may ask about the recipient may not know of the other.
    static let otherHolder = "another profile that holds this address"

    var isBlocking: Bool {
        switch state {
        case .full, .pending: true
        case .free: false
        }
    }

    func summary(in evaluation: Evaluation) -> String {
        var text = "\(evaluation.policy.rules.caps[rule].name) \(reserved + committed)/\(limit)"
        if holder != nil { text += " of \(Self.otherHolder)" }
        switch state {
        case .full(let freeAt?): return text + ", next slot \(freeAt)"
        case .full(nil): return text
        case .pending: return text + ", \(reserved) in flight"
        case .free: return text
        }
    }
}

extension Evaluation {
    /// The positions of the rules that restrain a contact with these traits, without the overridden ones.
    func matchingCaps(_ traits: ContactTraits) -> [Int32] {
        guard !policy.index.caps.isEmpty else { return [] }
        var rules = policy.index.caps.rules(for: traits)
        rules.removeAll { position in
            let rule = policy.rules.caps[Int(position)]
            return !rule.appliesTo.matches(traits) || !includesPerson(rule.segment)
        }
        if policy.index.hasOverrides {
            let overridden = overriddenCaps(rules)
            rules.removeAll { overridden.contains(Int($0)) }
        }
        return rules
    }

    func overriddenCaps(_ rules: [Int32]) -> Set<Int> {
        var overridden: Set<Int> = []
        for rule in rules where overrides(Int(rule)) { overridden.formUnion(policy.rules.caps[Int(rule)].overrides) }
        return overridden
    }

    /// Whether a rule overrides its `overrides`. It does not when it applies only because its segment cannot be
    /// evaluated.
    func overrides(_ position: Int) -> Bool {
        let rule = policy.rules.caps[position]
        guard !rule.overrides.isEmpty, let segment = rule.segment else { return !rule.overrides.isEmpty }
        if case .yes = segment.truth(for: attributes) { return true }
        return false
    }

    /// Whether a rule applies to the recipient. If its segment cannot be evaluated, the rule's `on_error` decides.
    func includesPerson(_ segment: Segment?) -> Bool {
        guard let segment else { return true }
        switch segment.truth(for: attributes) {
        case .yes: return true
        case .no: return false
        case .unreadable: return segment.onError == .apply
        }
    }

    /// A rule's limit for this recipient and priority.
    func limit(of position: Int) -> Int { policy.rules.caps[position].limit(for: message.priority, wishes) }

    /// Step `caps`. Every rule must pass, for the recipient and for the other profiles that hold the address. Among
    /// those that do not, a drop takes precedence over a hold, and a hold over the next channel.
    func judgeCaps(
        _ rules: [Int32], _ shared: [SharedCaps], _ traits: ContactTraits, _ address: KeyHash,
        _ review: ChannelReview, thorough: Bool
    ) {
        var drops = false
        var holds = false
        var isPending = false
        var blocking = false
        func note(_ finding: CapFinding) {
            blocking = true
            let rule = policy.rules.caps[finding.rule]
            switch finding.state {
            // Attempts in flight may still fail, so it is too early to drop.
            case .pending: isPending = true
            default: drops = drops || rule.onCap == .drop
            }
            holds = holds || rule.onCap != .nextChannel
        }
        for position in rules {
            let finding = stand(of: Int(position), traits, address)
            if finding.isBlocking || thorough { review.caps.append(finding) }
            if finding.isBlocking { note(finding) }
        }
        for other in shared {
            for position in other.rules {
                var finding = other.evaluation.stand(of: Int(position), traits, address)
                guard finding.isBlocking else { continue }
                finding.holder = other.holder
                review.caps.append(finding)
                note(finding)
            }
        }
        guard blocking else { return }
        if drops {
            review.object(.refused(.frequencyCapped), by: .caps)
            return
        }
        let until = release(
            traits, address, quietRules: quietRules(traits), capRules: rules, shared: shared)
        review.isProvisional = isPending && !review.caps.contains { if case .full = $0.state { true } else { false } }
        let mayWait = review.caps.allSatisfy { !$0.isBlocking || policy.rules.caps[$0.rule].finalAction == .hold }
        if holds {
            review.hold(until: until, .frequencyCapped, by: .caps, lookAgainAt: lookAgainAt)
        } else {
            review.passOn(until: until, mayWait: mayWait, by: .caps, lookAgainAt: lookAgainAt)
        }
    }

    /// The state of a rule now.
    func stand(of position: Int, _ traits: ContactTraits, _ address: KeyHash) -> CapFinding {
        let limit = limit(of: position)
        let (reserved, committed, joins) = tally(position, traits, address)
        var finding = CapFinding(
            rule: position, reserved: reserved, committed: committed, limit: limit, state: .free,
            joins: joins && limit > 0)
        guard reserved + committed >= limit, !finding.joins else { return finding }
        let end = free(position, traits, address, from: now)
        // Full only because of reserved rows. `free` returned when to check them again.
        finding.state = committed < limit ? .pending(until: end ?? now) : .full(freeAt: end)
        return finding
    }

    /// How many contacts count towards a rule now, and whether a contact with these traits is one of them.
    private func tally(
        _ position: Int, _ traits: ContactTraits, _ address: KeyHash
    ) -> (reserved: Int, committed: Int, joins: Bool) {
        var reserved = 0
        var committed = 0
        var joins = false
        forEachCountedContact(position, traits, address, at: now) { index, committedAt in
            if committedAt == nil { reserved += 1 } else { committed += 1 }
            joins = joins || self.joins(index, traits)
        }
        return (reserved, committed, joins)
    }

    /// The first instant from `start` on at which a rule would pass if nothing more were sent; nil for never.
    ///
    /// Attempts in flight count now but not later, because they may fail. If they succeed, the rule is evaluated again.
    /// The result is therefore never too late.
    func free(_ position: Int, _ traits: ContactTraits, _ address: KeyHash, from start: Instant) -> Instant? {
        let limit = limit(of: position)
        guard limit > 0 else { return nil }
        var committed: [Instant] = []
        var reserved = 0
        var lookAgainAt = Instant.distantFuture
        var joins = false
        forEachCountedContact(position, traits, address, at: start) { index, committedAt in
            joins = joins || self.joins(index, traits)
            if let committedAt { return committed.append(committedAt) }
            reserved += 1
            lookAgainAt = min(lookAgainAt, waitEnd(for: index))
        }
        if joins { return start }
        if committed.count < limit {
            return start == now && committed.count + reserved >= limit ? lookAgainAt : start
        }
        switch policy.rules.caps[position].window {
        case .rolling(let width):
            committed.sort()
            return committed[committed.count - limit] + .milliseconds(width)
        case .calendar(let window):
            // All evaluated windows that are full must end.
            var end: Instant?
            window.forEachJudged(at: start, zones) { first, next in
                guard committed.count(where: { $0 >= first }) >= limit else { return }
                end = max(end ?? .distantPast, next)
            }
            return end
        case .lifetime: return nil
        }
    }
}
