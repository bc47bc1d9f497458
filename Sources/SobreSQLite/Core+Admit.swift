import SobreModel
import SobreStore
import SobreStoreColumns

extension Core {
    func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        _ decide: AdmissionDecider
    ) throws(StoreError) -> [AdmissionResult] {
        if policyVersion < snapshot.policyVersion {
            return requests.map { _ in .policyChanged(newest: snapshot.policyVersion) }
        }
        let now = now()
        endExpiredLeases(now)
        var results: [AdmissionResult] = []
        results.reserveCapacity(requests.count)
        let watch = DecisionTimer(configuration)
        // By index, because a loop over the elements would copy each of these large values.
        for index in requests.indices {
            guard let lease = leases[requests[index].delivery.rawValue], lease.epoch == requests[index].epoch,
                let found = lease.recipient
            else {
                results.append(.stale)
                continue
            }
            let begun = watch.begin()
            let recipient = requests[index].message.draft.recipient
            let person = try person(recipient, found)
            var facts = try facts(of: person, recipient: recipient, after: now - horizon)
            try complete(&facts, for: requests[index])
            facts.pauses = snapshot.pauses
            let decision = decide(requests[index], facts, now)
            watch.end(begun)
            switch decision.verdict {
            case .send(let address, let traits):
                var holders: [KeyHash] = []
                if let person, !facts.holders.isEmpty {
                    let reached = ([address] + decision.furtherAddresses).map(\.subject)
                    holders = try sharing(of: person).holders(of: reached)
                }
                let entry = LedgerEntry(
                    id: snapshot.nextSequence, delivery: requests[index].delivery, state: .reserved, reservedAt: now,
                    committedAt: nil, traits: traits, recipient: found.name,
                    address: person?.subject(of: address) ?? address.subject)
                let attempt = openAttempt(of: requests[index], decision, entry, holders, deadline: now + attemptTimeout)
                try insert(attempt, lease, summary: decision.summary)
                results.append(.admitted(Self.admitted(attempt, decision, at: address)))
            case .reroute(let channel):
                results.append(.rerouted(channel))
            case .hold, .drop, .expire:
                try end(
                    lease, decision.entry(for: requests[index], at: now), mayRepeat: decision.isEndless,
                    pause: decision.pause, now: now)
                if person == nil { try eraseLateMessage(requests[index].message, facts) }
                results.append(.settled(decision))
            }
        }
        return results
    }

    private func openAttempt(
        of request: AdmissionRequest, _ decision: AdmissionDecision, _ entry: LedgerEntry, _ holders: [KeyHash],
        deadline: Instant
    ) -> OpenAttempt {
        OpenAttempt(
            entry: entry, number: request.attempt, provider: request.provider ?? "", deadline: deadline,
            possibleDuplicate: request.possibleDuplicate, policyVersion: decision.policyVersion,
            templateVersion: request.templateVersion, owner: incarnation, holders: holders)
    }

    private static func admitted(
        _ attempt: OpenAttempt, _ decision: AdmissionDecision, at address: Address
    ) -> AdmittedAttempt {
        AdmittedAttempt(
            ledgerID: attempt.id, owner: attempt.owner, delivery: attempt.entry.delivery, attempt: attempt.number,
            address: address, furtherAddresses: decision.furtherAddresses, policyVersion: attempt.policyVersion,
            admittedAt: attempt.entry.reservedAt, deadline: attempt.deadline)
    }

    /// A message to somebody who was erased brings the id and data back: they go with the decision that refuses it.
    private func eraseLateMessage(_ message: Message, _ facts: AdmissionFacts) throws(StoreError) {
        guard facts.suppressions.contains(where: { $0.reason == .erased }) else { return }
        try erase(message.id, ErasedWords(names: [message.recipient]))
        logCleaning.isDue = true
    }

    /// Replaces the row in the queue with a reserved ledger row. Its ID is the sequence number of the log entry that the
    /// attempt was begun, which is derived from the row.
    private func insert(_ attempt: OpenAttempt, _ lease: Lease, summary: String) throws(StoreError) {
        snapshot.nextSequence += 1
        snapshot.lastAttempt = attempt.id
        endLease(lease.key.delivery)
        try takeFromQueue(lease)
        AttemptColumns.bind(attempt, summary: summary, to: sql.insertAttempt)
        try sql.insertAttempt.run()
        try add(holders: attempt.holders, of: attempt.id)
        insertOpen(attempt)
        count(lease.state, -1)
        count(.attempting, 1)
    }

    /// Ends a claim without an attempt. The delivery waits again or becomes final.
    ///
    /// With `mayRepeat`, a hold that repeats the last entry of the log moves that entry's due time in place of a new
    /// entry: what is held for weeks and decided again every few minutes must not fill the log.
    private func end(
        _ lease: Lease, _ given: LogEntry, mayRepeat: Bool = false, pause: Int64? = nil, now: Instant
    ) throws(StoreError) {
        var entry = given
        endLease(lease.key.delivery)
        try takeFromQueue(lease)
        count(lease.state, -1)
        count(entry.state, 1)
        var repeated: LogEntry?
        if let pause = snapshot.pauses.first(where: { $0.id == pause }), let section = snapshot.sections[pause.id] {
            if lease.flags.contains(.possibleDuplicate) { entry.possibleDuplicate = true }
            if mayRepeat, let last = try lastEntry(of: entry.delivery), last.repeats(entry) { repeated = last }
            // It keeps its place in the order of claims.
            let row = QueueRow(
                delivery: entry.delivery, section: section, channel: lease.channel, rank: lease.rank,
                dueAt: Instant(milliseconds: lease.key.dueAt), state: entry.state, attempts: lease.attempts,
                flags: lease.flags, wakeAt: entry.dueAt == pause.until ? nil : entry.dueAt, campaign: lease.campaign,
                reason: entry.reason, since: repeated?.at ?? now)
            try putInQueue(row, campaign: nil, now: now)
        } else if entry.state.isPending {
            let dueAt = entry.dueAt ?? now
            var channel = lease.channel
            var flags = lease.flags
            if entry.state == .deferred, let begun = entry.channel {
                channel = begun
                flags.insert(.hasBegun)
            }
            if flags.contains(.possibleDuplicate) { entry.possibleDuplicate = true }
            entry.dueAt = dueAt
            if mayRepeat, let last = try lastEntry(of: entry.delivery), last.repeats(entry) { repeated = last }
            let row = QueueRow(
                delivery: entry.delivery, channel: channel, rank: lease.rank, dueAt: dueAt, state: entry.state,
                attempts: lease.attempts, flags: flags, campaign: lease.campaign, reason: entry.reason,
                since: repeated?.at ?? now)
            try putInQueue(row, campaign: nil, now: now)
        }
        if let repeated {
            try cold("UPDATE log SET due_at = ? WHERE seq = ?").bind(1, entry.dueAt).bind(2, repeated.sequence).run()
            return
        }
        try log(entry, of: lease.campaign, at: now)
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
            let change = transition.change
            guard lease.state.mayBecome(change.state), change.next != .sent else {
                throw StoreError(
                    .internal, "A delivery cannot go from \(lease.state) to \(change.state) when its claim is settled.")
            }
            try end(lease, change.entry(of: transition.claim.delivery, at: now), now: now)
            results.append(true)
        }
        return results
    }
}
