import SobreModel

extension Checker {
    /// Checks the tables when everything is at rest.
    mutating func judgeEnd() {
        let end = testimony.end
        if !end.isAtRest {
            broken(.endsInBoundedTime, "the node did not come to rest")
        }
        if end.open > 0 {
            broken(.nothingStaysOpen, "\(end.open) attempts are still open")
        }
        for (id, draft) in accepted.sorted(by: { $0.key < $1.key }) {
            guard end.messages.contains(id) else {
                broken(.acceptedSurvives, "\(id) was accepted and is gone")
                continue
            }
            for slot in draft.plans.indices { judge(id.delivery(slot), draft) }
        }
        judgeLedger()
    }

    private mutating func judge(_ delivery: DeliveryID, _ draft: MessageDraft) {
        guard let log = testimony.end.logs[delivery], let last = log.last else {
            broken(.acceptedSurvives, "\(delivery) was accepted and has no log")
            return
        }
        for (before, after) in zip(log, log.dropFirst()) where before.state != after.state || before.state.isFinal {
            // A receipt may make an outcome more specific. For example, a soft bounce becomes a hard one.
            let isMore = before.state == after.state && (before.reason, before.detail) != (after.reason, after.detail)
            if !before.state.moves.contains(after.state), !isMore || !Self.isReported(after.state) {
                broken(.legalMoves, "\(delivery) went from \(before.state) to \(after.state)")
            }
        }
        if last.state == .attempting {
            broken(.nothingStaysOpen, "\(delivery) is still attempting")
        }
        if last.state.isPending, (last.dueAt ?? .distantPast) <= testimony.end.clock {
            broken(.endsInBoundedTime, "\(delivery) is \(last.state) (\(last.reason)) although it was due")
        }
        judgeOutcome(delivery, draft, last)
        // I18: whatever the order and number of receipts, the most significant one wins.
        if let state = stateByReceipts(delivery), last.state.description != state {
            let all = (reported[delivery] ?? []).sorted().map(\.description).joined(separator: ", ")
            broken(.receiptsFold, "\(delivery) is \(last.state), but its provider told: \(all)")
        }
    }

    /// Whether a state can be reached only through receipts.
    private static func isReported(_ state: DeliveryState) -> Bool {
        ReportedEvent.allCases.contains { $0 > .failed && $0.state == state.description }
    }

    private mutating func judgeOutcome(_ delivery: DeliveryID, _ draft: MessageDraft, _ last: LogEntry) {
        let own = attempts.filter { $0.intent.delivery == delivery }
        switch last.state {
        case .sent, .delivered, .bounced, .opened, .clicked, .converted, .unsubscribed, .complained:
            if last.state == .sent, last.providerID == nil {
                broken(.sentIsProven, "\(delivery) is sent, but no provider gave it an id")
            }
            if !own.contains(where: { $0.tookAt != nil }) {
                broken(.sentIsProven, "\(delivery) is sent, but no provider took it")
            }
        case .unknown:
            if !own.contains(where: { $0.ending?.proof == .unknown }) {
                broken(.everyOutcomeExplained, "\(delivery) is unknown, but no attempt was")
            }
        case .failed:
            if last.reason.isEmpty { broken(.everyOutcomeExplained, "\(delivery) failed without a reason") }
            if last.reason == "attempts_exhausted", own.count < testimony.maxAttempts {
                broken(.endsInBoundedTime, "\(delivery) failed after \(own.count) attempts, which are not all")
            }
        case .dropped:
            if last.reason.isEmpty { broken(.everyOutcomeExplained, "\(delivery) was dropped without a reason") }
        case .cancelled:
            if !cancelled.contains(delivery.message), !isNeedless(delivery, draft) {
                broken(.everyOutcomeExplained, "\(delivery) is cancelled, but nobody cancelled it")
            }
        default: break
        }
    }

    /// I12: the contacts that count are the attempts that are not proven unsent, each once.
    private mutating func judgeLedger() {
        for attempt in attempts {
            let counts = testimony.end.ledger[attempt.intent.ledgerID] != nil
            if counts != attempt.isPossible {
                broken(
                    .ledgerIsWhole,
                    "\(attempt.intent.delivery) attempt \(attempt.intent.attempt) \(counts ? "counts" : "does not count"), "
                        + "and was recorded \(attempt.ending.map { "\($0.proof)" } ?? "never")")
            }
        }
        let known = Set(attempts.map(\.intent.ledgerID))
        for id in testimony.end.ledger.keys.sorted() where !known.contains(id) {
            broken(.ledgerIsWhole, "contact \(id) counts, but was never intended")
        }
    }
}
