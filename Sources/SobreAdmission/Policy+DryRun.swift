public import SobreModel

/// The decision on one delivery of a message that is not sent.
public struct DryRunDecision: Sendable {
    public var delivery: DeliveryID
    /// The channel that was evaluated last.
    public var channel: Channel
    public var decision: AdmissionDecision
}

extension Policy {
    /// Makes the production decision on each delivery of a message that is not sent, in order.
    ///
    /// Each result counts for the later deliveries, as if it were carried out at once. A delivery that may be sent is a
    /// contact in the ledger and, for `route: escalate`, an earlier channel that was sent. Deliveries whose outcome is
    /// in `facts.earlier` are skipped.
    ///
    /// - Returns: a decision with its explanation for each delivery.
    public func dryRun(
        _ message: Message, facts: AdmissionFacts, conditions: AdmissionConditions, now: Instant
    ) -> [DryRunDecision] {
        var facts = facts
        let escalates = message.route == .escalate
        return message.deliveries.dropFirst(facts.earlier.count).map { delivery in
            let found = dryRun(delivery, of: message, facts: facts, conditions: conditions, now: now)
            if case .send(let address, let traits) = found.decision.verdict {
                let id = (facts.ledger.map(\.id).max() ?? 0) + 1
                let contact = LedgerEntry(
                    id: id, delivery: delivery, state: .committed, reservedAt: now, committedAt: now,
                    traits: traits, recipient: .recipient(message.recipient), address: address.subject)
                facts.ledger.append(contact)
                facts.addToHolders(contact, through: [address] + found.decision.furtherAddresses)
            }
            if escalates {
                facts.earlier.append(EarlierDelivery(on: found.channel, after: found.decision.verdict, at: now))
            }
            return found
        }
    }

    /// Decides on one delivery and follows it from channel to channel, as the pipeline does.
    private func dryRun(
        _ delivery: DeliveryID, of message: Message, facts: AdmissionFacts, conditions: AdmissionConditions,
        now: Instant
    ) -> DryRunDecision {
        var request = AdmissionRequest(
            delivery: delivery, epoch: 0, message: message,
            channel: message.firstChannel(of: delivery, for: facts.profile))
        var decision = decide(request, facts: facts, conditions: conditions, now: now, explaining: .always)
        // Each reroute names another channel of the plan, and the same facts make that channel admissible.
        for _ in message.plan(of: delivery) {
            guard case .reroute(let channel) = decision.verdict else { break }
            request.channel = channel
            decision = decide(request, facts: facts, conditions: conditions, now: now, explaining: .always)
        }
        return DryRunDecision(delivery: delivery, channel: request.channel, decision: decision)
    }
}

extension AdmissionFacts {
    /// Adds a contact to the other profiles that hold one of the addresses through which it was made.
    public mutating func addToHolders(_ contact: LedgerEntry, through addresses: [Address]) {
        guard !holders.isEmpty else { return }
        let reached = addresses.map(\.subject)
        for index in holders.indices where holders[index].addresses.contains(where: reached.contains) {
            holders[index].ledger.append(contact)
        }
    }
}

extension EarlierDelivery {
    /// The state of a delivery whose decision is carried out at once and whose provider accepts it.
    public init(on channel: Channel, after verdict: AdmissionDecision.Verdict, at now: Instant) {
        switch verdict {
        case .send: self.init(channel: channel, state: .sent, sentAt: now)
        case .hold(let until, _):
            self.init(channel: channel, state: .held, dueAt: until < .distantFuture ? until : nil)
        case .drop: self.init(channel: channel, state: .dropped)
        case .expire: self.init(channel: channel, state: .expired)
        case .reroute: self.init(channel: channel, state: .queued)
        }
    }
}
