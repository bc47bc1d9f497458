import SobreModel

/// The earlier message that this one duplicates, or why that cannot be determined.
struct DuplicateFinding {
    enum Kind {
        /// The earlier message was sent, or may have been. The position of its ledger row.
        case earlier(Int)
        /// The earlier message is in flight. The position of its ledger row.
        case inFlight(Int)
        /// The rule requires a dedup key and the message has none.
        case missingKey
    }

    /// The position of the rule; nil for the check of rendered content.
    var rule: Int?
    var kind: Kind

    func name(in evaluation: Evaluation) -> String {
        rule.map { evaluation.policy.rules.dedup[$0].name } ?? "same content"
    }

    func summary(in evaluation: Evaluation) -> String {
        let name = name(in: evaluation)
        switch kind {
        case .earlier(let entry): return "\(name): duplicate of \(evaluation.facts.ledger[entry].delivery)"
        case .inFlight(let entry): return "\(name): waits for \(evaluation.facts.ledger[entry].delivery)"
        case .missingKey: return "\(name): the message has no dedup_key, and the rule requires one"
        }
    }
}

extension Evaluation {
    /// The first finding of any rule. Messages that were sent take precedence over those in flight.
    func duplicate(_ traits: ContactTraits, _ address: KeyHash) -> DuplicateFinding? {
        if traits.isTest { return nil }
        var waiting: DuplicateFinding?
        if !policy.index.dedup.isEmpty {
            for position in policy.index.dedup.rules(for: traits) {
                let rule = policy.rules.dedup[Int(position)]
                guard rule.appliesTo.matches(traits) else { continue }
                var key = rule.key
                if key.contains(.dedupKey), traits.dedupKey == .none {
                    switch rule.missing {
                    case .skip: continue
                    case .hold: return DuplicateFinding(rule: Int(position), kind: .missingKey)
                    case .compareRest: key.remove(.dedupKey)
                    }
                }
                let found = earliest(since: now - rule.window) { entry in
                    key.agree(entry.traits, traits) && (rule.scope == .recipient || entry.address == address)
                        && (rule.across == .channels || entry.traits.channel == traits.channel)
                }
                guard let found else { continue }
                let finding = DuplicateFinding(rule: Int(position), kind: found)
                if case .earlier = found { return finding }
                waiting = waiting ?? finding
            }
        }
        if category.fingerprintWindow > .zero, traits.fingerprint != .none {
            let found = earliest(since: now - category.fingerprintWindow) {
                $0.traits.fingerprint == traits.fingerprint
            }
            if let found {
                let finding = DuplicateFinding(rule: nil, kind: found)
                if case .earlier = found { return finding }
                waiting = waiting ?? finding
            }
        }
        return waiting
    }

    /// Whether an earlier message within the window could have the same content, which is not known because this one is
    /// not rendered yet.
    func needsContentForDuplicates(_ traits: ContactTraits) -> Bool {
        guard !request.isRendered, category.fingerprintWindow > .zero, !traits.isTest else { return false }
        return earliest(since: now - category.fingerprintWindow) { $0.traits.fingerprint != .none } != nil
    }

    /// The first matching contact of another message that was committed after `cutoff`, else the first reserved one.
    private func earliest(since cutoff: Instant, _ matches: (LedgerEntry) -> Bool) -> DuplicateFinding.Kind? {
        var open: Int?
        let own = request.message.id
        for index in facts.ledger.indices {
            switch facts.ledger[index].state {
            case .released: continue
            case .reserved:
                if open == nil, facts.ledger[index].delivery.message != own, isSeen(index),
                    matches(facts.ledger[index])
                {
                    open = index
                }
            case .committed:
                guard facts.ledger[index].committedAt ?? .distantFuture > cutoff,
                    facts.ledger[index].delivery.message != own, isSeen(index), matches(facts.ledger[index])
                else { continue }
                return .earlier(index)
            }
        }
        return open.map { .inFlight($0) }
    }
}
