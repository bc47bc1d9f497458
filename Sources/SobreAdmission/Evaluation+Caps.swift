import SobreModel

/// How one cap stands for a request.
struct CapFinding {
    enum State: Sendable {
        case free
        /// Full by contacts that were made; free again at an instant, or never (nil).
        case full(freeAt: Instant?)
        /// Full only if what is in flight arrives; looked at again then.
        case pending(until: Instant)
    }

    /// The rule by position.
    var rule: Int
    /// Contacts that may be happening, and contacts that were made.
    var reserved: Int
    var committed: Int
    /// For the request's priority.
    var limit: Int
    var state: State

    var isBlocking: Bool {
        switch state {
        case .full, .pending: true
        case .free: false
        }
    }

    func summary(in evaluation: Evaluation) -> String {
        let text = "\(evaluation.policy.rules.caps[rule].name) \(reserved + committed)/\(limit)"
        switch state {
        case .full(let freeAt?): return text + ", next slot \(freeAt)"
        case .full(nil): return text
        case .pending: return text + ", \(reserved) in flight"
        case .free: return text
        }
    }
}

extension Evaluation {
    /// The rules that restrain a contact with these traits, by position, without those that another one overrides.
    func matchingCaps(_ traits: ContactTraits) -> [Int32] {
        guard !policy.index.caps.isEmpty else { return [] }
        var rules = policy.index.caps.requests(for: traits)
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

    /// Whether a rule takes others' places: not when it holds only because its segment cannot be read.
    func overrides(_ position: Int) -> Bool {
        let rule = policy.rules.caps[position]
        guard !rule.overrides.isEmpty, let segment = rule.segment else { return !rule.overrides.isEmpty }
        if case .yes = segment.truth(for: attributes) { return true }
        return false
    }

    /// Whether a rule is about the person; what cannot be told is as the rule's `on_error` says.
    func includesPerson(_ segment: Segment?) -> Bool {
        guard let segment else { return true }
        switch segment.truth(for: attributes) {
        case .yes: return true
        case .no: return false
        case .unreadable: return segment.onError == .apply
        }
    }

    /// A rule's limit for this person and priority.
    func limit(of position: Int) -> Int { policy.rules.caps[position].limit(for: message.priority, wishes) }

    /// Step 10. Every rule must pass; of those that do not, one that drops outweighs one that holds, and one that holds
    /// outweighs one that asks for another channel.
    func judgeCaps(
        _ rules: [Int32], _ traits: ContactTraits, _ address: KeyHash, _ review: inout ChannelReview, thorough: Bool
    ) {
        var drops = false
        var holds = false
        var isPending = false
        var blocking = false
        for position in rules {
            let finding = stand(of: Int(position), traits, address)
            if finding.isBlocking || thorough { review.caps.append(finding) }
            guard finding.isBlocking else { continue }
            blocking = true
            let rule = policy.rules.caps[Int(position)]
            switch finding.state {
            // What is in flight may yet be proven unsent: too early to drop for it.
            case .pending: isPending = true
            case .full(nil): drops = drops || rule.onCap != .nextChannel
            default: drops = drops || rule.onCap == .drop
            }
            holds = holds || rule.onCap != .nextChannel
        }
        guard blocking else { return }
        if drops {
            review.object(.refused(.frequencyCapped), by: .caps)
            return
        }
        let until = release(traits, address, quietRules: quietRules(traits), capRules: rules)
        review.isProvisional = isPending && !review.caps.contains { if case .full = $0.state { true } else { false } }
        if holds {
            guard let until else { return review.object(.refused(.frequencyCapped), by: .caps) }
            review.object(.held(until: until, .frequencyCapped, isProvisional: review.isProvisional), by: .caps)
        } else {
            let mayWait = review.caps.allSatisfy {
                !$0.isBlocking || policy.rules.caps[$0.rule].finalAction == .hold
            }
            review.object(.passedOn(until: mayWait ? until : nil), by: .caps)
        }
    }

    /// How a rule stands now.
    func stand(of position: Int, _ traits: ContactTraits, _ address: KeyHash) -> CapFinding {
        let limit = limit(of: position)
        let window = policy.rules.caps[position].window
        let (reserved, committed) = tally(position, traits, address, since: firstCounted(window, at: now))
        var finding = CapFinding(rule: position, reserved: reserved, committed: committed, limit: limit, state: .free)
        guard reserved + committed >= limit else { return finding }
        if committed < limit {
            finding.state = .pending(until: pendingEnd(position, traits, address))
        } else {
            finding.state = .full(freeAt: free(position, traits, address, from: now))
        }
        return finding
    }

    /// The first instant from `start` on at which a rule would pass, if nothing more were sent.
    ///
    /// What is in flight counts now and not later: it may be proven unsent, and if not, the rule is judged again. So the
    /// answer is never too late. Nil: never.
    func free(_ position: Int, _ traits: ContactTraits, _ address: KeyHash, from start: Instant) -> Instant? {
        let rule = policy.rules.caps[position]
        let limit = limit(of: position)
        guard limit > 0 else { return nil }
        var committed = committedTimes(position, traits, address, since: firstCounted(rule.window, at: start))
        if committed.count < limit {
            guard start == now else { return start }
            let (reserved, committed) = tally(position, traits, address, since: firstCounted(rule.window, at: now))
            return reserved + committed < limit ? start : pendingEnd(position, traits, address)
        }
        switch rule.window {
        case .rolling(let width):
            committed.sort()
            return committed[committed.count - limit] + .milliseconds(width)
        case .calendar(let window):
            // Of the windows that are judged, those that are full must end.
            var end: Instant?
            window.forEachJudged(at: start, zones) { first, next in
                guard committed.count(where: { $0 >= first }) >= limit else { return }
                end = max(end ?? .distantPast, next)
            }
            return end
        case .lifetime: return nil
        }
    }

    /// When to look again at a rule that only open attempts fill.
    private func pendingEnd(_ position: Int, _ traits: ContactTraits, _ address: KeyHash) -> Instant {
        let rule = policy.rules.caps[position]
        var end: Instant?
        for index in facts.ledger.indices where facts.ledger[index].state == .reserved {
            guard counts(index, rule, traits, address) else { continue }
            end = min(end ?? .distantFuture, waitEnd(for: index))
        }
        return end ?? now + .milliseconds(500)
    }

    /// The earliest spending time that a window at an instant counts.
    func firstCounted(_ window: CapWindow, at instant: Instant) -> Instant {
        switch window {
        // Spent after t − W, in whole milliseconds.
        case .rolling(let width): return Instant(milliseconds: instant.milliseconds - width + 1)
        case .calendar(let window):
            // Of several windows the longest count is the one that stops.
            var first = Instant.distantFuture
            window.forEachJudged(at: instant, zones) { start, _ in first = min(first, start) }
            return first
        case .lifetime: return .distantPast
        }
    }

    /// How many contacts fill a rule: open ones always, spent ones from an instant on.
    ///
    /// So a contact that is admitted in one calendar window and arrives in the next fits into both: whatever else may arrive
    /// in the next is open now and counted.
    func tally(
        _ position: Int, _ traits: ContactTraits, _ address: KeyHash, since: Instant
    ) -> (reserved: Int, committed: Int) {
        var reserved = 0
        var committed = 0
        let rule = policy.rules.caps[position]
        for index in facts.ledger.indices {
            let state = facts.ledger[index].state
            // One that was spent nobody knows when counts as long as an open one: always.
            let committedAt = facts.ledger[index].committedAt
            if state == .released { continue }
            if state == .committed, let committedAt, committedAt < since { continue }
            guard counts(index, rule, traits, address) else { continue }
            if state == .committed, committedAt != nil { committed += 1 } else { reserved += 1 }
        }
        return (reserved, committed)
    }

    /// Whether rules see a contact at all: no test, and none of another tenant, unless the policy shares them.
    @inline(__always)
    func isSeen(_ index: Int) -> Bool {
        let other = facts.ledger[index].traits
        return !other.isTest && (other.tenant == traits.tenant || policy.rules.sharesTenants)
    }

    func counts(_ index: Int, _ rule: CapRule, _ traits: ContactTraits, _ address: KeyHash) -> Bool {
        facts.ledger[index].traits.countsTowardCaps && isSeen(index) && rule.counts.matches(facts.ledger[index].traits)
            && rule.scope.holds(facts.ledger[index], traits, address)
    }

    private func committedTimes(
        _ position: Int, _ traits: ContactTraits, _ address: KeyHash, since: Instant
    ) -> [Instant] {
        let rule = policy.rules.caps[position]
        return facts.ledger.indices.compactMap { index in
            guard facts.ledger[index].state == .committed, let at = facts.ledger[index].committedAt, at >= since,
                counts(index, rule, traits, address)
            else { return nil }
            return at
        }
    }
}
