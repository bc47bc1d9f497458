import SobreModel

extension Checker {
    /// I6 and I7: how often each delivery reached the recipient.
    mutating func judgeDeliveries() {
        let byDelivery = Dictionary(grouping: attempts.filter { $0.tookAt != nil }, by: \.intent.delivery)
        for (delivery, taken) in byDelivery.sorted(by: { $0.key < $1.key }) where taken.count > 1 {
            let ordered = taken.sorted { $0.moment < $1.moment }
            let first = ordered[0]
            let promise = promises[first.intent.policyVersion] ?? Promise(categories: [])
            if !promise.category(first.intent.draft.category).isResent {
                broken(
                    .marketingOnce, at: ordered[1].tookAt,
                    "\(delivery) (\(first.intent.draft.category)) was taken \(taken.count) times")
                continue
            }
            if taken.count > 2 {
                broken(.transactionalOnceOrFlagged, at: ordered[2].tookAt, "\(delivery) was taken \(taken.count) times")
            }
            if first.ending?.proof != .unknown {
                broken(
                    .transactionalOnceOrFlagged, at: ordered[1].tookAt,
                    "\(delivery) was sent again although the first outcome was known")
            }
            if ordered[1].requests.contains(where: { !$0.saysPossibleDuplicate }) {
                broken(
                    .transactionalOnceOrFlagged, at: ordered[1].tookAt,
                    "\(delivery) was sent again without saying that it may be a duplicate")
            }
        }
        judgeUnprovenAttempts()
        judgeStamps()
    }

    /// I6 by intent: a further attempt is allowed only after all earlier ones are proven unsent, except for the one
    /// resend.
    private mutating func judgeUnprovenAttempts() {
        for (delivery, all) in Dictionary(grouping: attempts, by: \.intent.delivery).sorted(by: { $0.key < $1.key }) {
            var unproven = 0
            for attempt in all.sorted(by: { $0.moment < $1.moment }) {
                let open = all.contains {
                    $0.moment < attempt.moment && ($0.endedAt.map { $0 > attempt.moment } ?? true)
                }
                if open {
                    broken(.marketingOnce, at: attempt.moment, "\(delivery) was allowed while an attempt was open")
                }
                let promise = promises[attempt.intent.policyVersion] ?? Promise(categories: [])
                let isResent = promise.category(attempt.intent.draft.category).isResent
                if unproven > (isResent ? 1 : 0) {
                    broken(
                        isResent ? .transactionalOnceOrFlagged : .marketingOnce, at: attempt.moment,
                        "\(delivery) was allowed again after \(unproven) attempts of unknown outcome")
                }
                if attempt.isPossible { unproven += 1 }
            }
        }
    }

    /// I13: a contact's timestamp is never before the provider accepted it.
    private mutating func judgeStamps() {
        guard !clockWasSet else { return }
        for attempt in attempts {
            guard let tookAt = attempt.tookAt, let entry = testimony.end.ledger[attempt.intent.ledgerID],
                let committedAt = entry.committedAt
            else { continue }
            if (committedAt - testimony.beganAt).milliseconds < tookAt.at {
                broken(
                    .stampedLate, at: tookAt,
                    "\(attempt.intent.delivery) was taken after the time at which it counts, \(committedAt)")
            }
        }
    }
}
