import SobreModel

/// Determines which contacts count towards a cap. Counting, explanations and the next free slot all use this.
extension Evaluation {
    /// Calls `body` with each contact that counts towards a rule at an instant, in the order of the ledger.
    ///
    /// A reserved row always counts, and so does a committed row without a time; `committedAt` is nil for both. Any
    /// other committed row counts from its time until the window has passed it. A contact that is admitted in one
    /// calendar window and sent in the next fits into both, because everything else that may be sent in the next one is
    /// reserved now and counted.
    ///
    /// Of the contacts of one activity the newest counts for all: as long as one of them is in the window, so is the
    /// activity.
    @inline(__always)
    func forEachCountedContact(
        _ position: Int, _ traits: ContactTraits, _ address: KeyHash, at instant: Instant,
        _ body: (_ index: Int, _ committedAt: Instant?) -> Void
    ) {
        if hasActivities { return forEachCountedActivity(position, traits, address, at: instant, body) }
        forEachContact(position, traits, address, at: instant, body)
    }

    private func forEachCountedActivity(
        _ position: Int, _ traits: ContactTraits, _ address: KeyHash, at instant: Instant,
        _ body: (_ index: Int, _ committedAt: Instant?) -> Void
    ) {
        var counted: [(index: Int, committedAt: Instant?)] = []
        forEachContact(position, traits, address, at: instant) { counted.append(($0, $1)) }
        var newest: [KeyHash: Int] = [:]
        for (index, _) in counted { newest[facts.ledger[index].traits.activity] = index }
        for (index, committedAt) in counted {
            let activity = facts.ledger[index].traits.activity
            if activity == .none || newest[activity] == index { body(index, committedAt) }
        }
    }

    /// Calls `body` with each contact that a rule sees in its window, those of one activity each.
    @inline(__always)
    private func forEachContact(
        _ position: Int, _ traits: ContactTraits, _ address: KeyHash, at instant: Instant,
        _ body: (_ index: Int, _ committedAt: Instant?) -> Void
    ) {
        let rule = policy.rules.caps[position]
        let since = firstCounted(rule.window, at: instant)
        for index in facts.ledger.indices {
            var committedAt: Instant?
            switch facts.ledger[index].state {
            case .released: continue
            case .reserved: break
            case .committed:
                committedAt = facts.ledger[index].committedAt
                if let committedAt, committedAt < since { continue }
            }
            guard counts(index, rule, traits, address) else { continue }
            body(index, committedAt)
        }
    }

    /// Whether a contact with these traits is counted already, because it belongs to the activity of one that is.
    func joins(_ index: Int, _ traits: ContactTraits) -> Bool {
        traits.activity != .none && facts.ledger[index].traits.activity == traits.activity
    }

    /// Whether a rule counts a contact, regardless of its time.
    private func counts(_ index: Int, _ rule: CapRule, _ traits: ContactTraits, _ address: KeyHash) -> Bool {
        facts.ledger[index].traits.countsTowardCaps && isSeen(index) && rule.counts.matches(facts.ledger[index].traits)
            && (facts.ledger[index].countsForHolder || rule.scope.contains(.address))
            && (rule.scope.isEmpty || rule.scope.holds(facts.ledger[index], traits, address))
    }

    /// Whether rules consider a contact at all. Test messages and, unless the policy shares tenants, contacts of other
    /// tenants are ignored.
    @inline(__always)
    func isSeen(_ index: Int) -> Bool {
        let other = facts.ledger[index].traits
        return !other.isTest && (other.tenant == traits.tenant || policy.rules.sharesTenants)
    }

    /// The earliest time at which a committed row counts in a window at an instant.
    private func firstCounted(_ window: CapWindow, at instant: Instant) -> Instant {
        switch window {
        // Committed after t - W, in whole milliseconds.
        case .rolling(let width): return Instant(milliseconds: instant.milliseconds - width + 1)
        case .calendar(let window):
            // Of several windows, the longest one contains all rows the others count.
            var first = Instant.distantFuture
            window.forEachJudged(at: instant, zones) { start, _ in first = min(first, start) }
            return first
        case .lifetime: return .distantPast
        }
    }
}
