import SobreModel
import SobreStore

extension Core {
    /// Adds the facts that only some messages need: the recipient's engagement, or the deliveries on earlier channels.
    func complete(_ facts: inout AdmissionFacts, for request: AdmissionRequest) throws(StoreError) {
        // Read in place: a copy of the draft would count references to all its texts.
        let route = request.message.draft.route
        guard route == .best || route == .escalate || request.message.draft.bestTimeWithin != nil else { return }
        let draft = request.message.draft
        if draft.route == .best || draft.bestTimeWithin != nil {
            facts.engagement = try engagement(of: .recipient(facts.profile?.id ?? draft.recipient))
            facts.prior = try engagement(of: .none)
        }
        if draft.route == .escalate, request.delivery.slot > 0 {
            for slot in 0..<min(request.delivery.slot, draft.channels.count) {
                guard let earlier = try earlier(request.message.id.delivery(slot), draft.channels[slot]) else {
                    continue
                }
                facts.earlier.append(earlier)
            }
        }
    }

    /// Adds one recipient's counters to another's when the two are merged.
    func moveEngagement(from other: KeyHash, to person: KeyHash) throws(StoreError) {
        try cold(
            """
            INSERT INTO engagement SELECT ?2, slot, count FROM engagement WHERE person = ?1
            ON CONFLICT (person, slot) DO UPDATE SET count = count + excluded.count
            """
        ).bind(1, other).bind(2, person).run()
        try forgetEngagement(of: other)
    }

    func forgetEngagement(of person: KeyHash) throws(StoreError) {
        try cold("DELETE FROM engagement WHERE person = ?").bind(1, person).run()
    }

    func engagement(of person: KeyHash) throws(StoreError) -> Engagement {
        try EngagementColumns.read(try cold(EngagementColumns.sql).bind(1, person))
    }

    private func earlier(_ delivery: DeliveryID, _ channel: Channel) throws(StoreError) -> EarlierDelivery? {
        guard let last = try lastEntry(of: delivery) else { return nil }
        return EarlierDelivery(
            channel: last.channel ?? channel, state: last.state, sentAt: try sentAt(delivery), dueAt: last.dueAt)
    }

    /// When a delivery was handed over: the time at which its first attempt was recorded that is not proven unsent.
    private func sentAt(_ delivery: DeliveryID) throws(StoreError) -> Instant? {
        let row = try cold(
            """
            SELECT min(spent_at) FROM attempt WHERE id IN (\(DeliveryEntries.attempts))
            AND state = \(LedgerEntry.State.committed.rawValue)
            """
        ).bind(1, delivery.rawValue)
        defer { row.reset() }
        return try row.step() ? row.instant(0) : nil
    }
}
