import SobreModel
import SobreStore

extension Core {
    func admit(
        _ candidates: [AdmissionCandidate], horizon: Duration, attemptTimeout: Duration, _ decide: AdmissionDecider
    ) throws(StoreError) -> [AdmissionResult] {
        let now = now()
        endExpiredLeases(now)
        var results: [AdmissionResult] = []
        results.reserveCapacity(candidates.count)
        let watch = DecisionWatch(configuration)
        for candidate in candidates {
            guard let lease = leases[candidate.delivery.rawValue], lease.epoch == candidate.epoch else {
                results.append(.stale)
                continue
            }
            let begun = watch.begin()
            let person = try person(candidate.message.recipient)
            var facts = try facts(of: person, recipient: candidate.message.recipient, after: now - horizon)
            try complete(&facts, for: candidate)
            let decision = decide(candidate, facts, now)
            watch.end(begun)
            switch decision.verdict {
            case .send(let address, let traits):
                let attempt = OpenAttempt(
                    entry: LedgerEntry(
                        id: marks.nextAttempt, delivery: candidate.delivery, state: .open, openedAt: now,
                        spentAt: nil, traits: traits, recipient: Symbol.recipient(candidate.message.recipient),
                        address: person?.subject(of: address) ?? address.subject),
                    number: candidate.attempt, provider: candidate.provider ?? "", deadline: now + attemptTimeout,
                    possibleDuplicate: candidate.possibleDuplicate, policyVersion: decision.policyVersion,
                    templateVersion: candidate.templateVersion, fromEarlierRun: false)
                try begin(attempt, lease, summary: decision.summary, now: now)
                results.append(
                    .admitted(
                        AttemptTicket(
                            ledgerID: attempt.id, delivery: candidate.delivery, attempt: candidate.attempt,
                            address: address, furtherAddresses: decision.furtherAddresses,
                            policyVersion: decision.policyVersion, admittedAt: now, deadline: attempt.deadline)))
            case .reroute(let channel):
                results.append(.rerouted(channel))
            case .hold, .drop, .expire:
                try end(lease, Self.entry(for: decision, candidate, at: now), now: now)
                results.append(.settled(decision))
            }
        }
        return results
    }

    /// Intent and open ledger row, in place of the row in the queue.
    private func begin(_ attempt: OpenAttempt, _ lease: Lease, summary: String, now: Instant) throws(StoreError) {
        marks.nextAttempt += 1
        endLease(lease.key.delivery)
        try takeFromQueue(channel: lease.channel, rank: lease.rank, key: lease.key)
        AttemptColumns.bind(attempt, to: sql.insertAttempt)
        try sql.insertAttempt.run()
        insertOpen(attempt)
        count(lease.state, -1)
        count(.attempting, 1)
        let entry = LogEntry(
            delivery: attempt.entry.delivery, at: now, state: .attempting, attempt: attempt.number,
            channel: attempt.entry.traits.channel, provider: attempt.provider, detail: summary,
            possibleDuplicate: attempt.possibleDuplicate, policyVersion: attempt.policyVersion,
            templateVersion: attempt.templateVersion)
        try log(entry, at: now, attempt: attempt.id)
    }

    private static func entry(
        for decision: AdmissionDecision, _ candidate: AdmissionCandidate, at now: Instant
    ) -> LogEntry {
        var entry = LogEntry(
            delivery: candidate.delivery, at: now, state: .expired, attempt: candidate.attempt - 1,
            channel: candidate.channel, detail: decision.summary, policyVersion: decision.policyVersion,
            templateVersion: candidate.templateVersion, explanation: decision.explanation)
        switch decision.verdict {
        case .hold(let until, let reason):
            entry.state = .held
            entry.reason = reason.rawValue
            entry.dueAt = until
        case .drop(let reason):
            entry.state = .dropped
            entry.reason = reason.rawValue
        case .expire: entry.reason = "expired"
        case .send, .reroute: break
        }
        // It is not sent again; whether the person has it stays as unknown as it is.
        if candidate.possibleDuplicate, entry.state.isFinal { entry.state = .unknown }
        return entry
    }

    /// Ends a claim without an attempt: the delivery waits again, or is final.
    private func end(_ lease: Lease, _ given: LogEntry, now: Instant) throws(StoreError) {
        var entry = given
        endLease(lease.key.delivery)
        try takeFromQueue(channel: lease.channel, rank: lease.rank, key: lease.key)
        count(lease.state, -1)
        count(entry.state, 1)
        if entry.state.isPending {
            let dueAt = entry.dueAt ?? now
            var channel = lease.channel
            var flags = lease.flags
            if entry.state == .deferred, let begun = entry.channel {
                channel = begun
                flags.insert(.hasBegun)
            }
            if flags.contains(.possibleDuplicate) { entry.possibleDuplicate = true }
            entry.dueAt = dueAt
            try putInQueue(
                entry.delivery, channel: channel, rank: lease.rank, dueAt: dueAt, state: entry.state,
                attempts: lease.attempts, flags: flags, now: now)
        }
        try log(entry, at: now)
    }

    func settle(_ transitions: [ClaimTransition]) throws(StoreError) -> [Bool] {
        let now = now()
        endExpiredLeases(now)
        var results: [Bool] = []
        for transition in transitions {
            guard let lease = leases[transition.claim.delivery.rawValue], lease.epoch == transition.claim.epoch else {
                results.append(false)
                continue
            }
            var entry = transition.entry
            entry.delivery = transition.claim.delivery
            guard lease.state.moves.contains(entry.state), entry.state != .attempting else {
                throw StoreError(
                    .internal, "A delivery cannot go from \(lease.state) to \(entry.state) when its claim is settled.")
            }
            try end(lease, entry, now: now)
            results.append(true)
        }
        return results
    }
}
