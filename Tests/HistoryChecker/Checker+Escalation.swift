import SobreModel

extension Checker {
    /// The state of a delivery as seen by later channels.
    enum Standing {
        /// It has not been sent yet, or will be sent again.
        case waits
        case open
        /// It was sent, or may have been.
        case sent
        /// It reached no one and never will.
        case over
    }

    mutating func seeStanding(_ delivery: DeliveryID, _ state: DeliveryState) {
        switch state {
        case .scheduled, .queued, .held, .deferred: standings[delivery] = .waits
        case .attempting: standings[delivery] = .open
        case .failed, .dropped, .expired, .cancelled:
            // A delivery that may have reached the recipient is not over.
            standings[delivery] = handedOverAt(delivery) == nil ? .over : .sent
        default: standings[delivery] = .sent
        }
    }

    mutating func seeCancelled(_ id: MessageID) {
        cancelled.insert(id)
        for slot in 0..<(accepted[id]?.plans.count ?? 0) {
            if case .waits? = standings[id.delivery(slot)] { seeStanding(id.delivery(slot), .cancelled) }
        }
    }

    /// When a delivery was first sent by the node's clock, and whether that time is exact.
    private func handedOverAt(_ delivery: DeliveryID) -> (clock: Instant, isExact: Bool)? {
        (attemptsByDelivery[delivery] ?? []).map { attempts[$0] }.filter(\.isPossible)
            .compactMap { attempt in attempt.ending.map { ($0.clock, !attempt.wasCutOff) } }.min { $0.0 < $1.0 }
    }

    /// Whether a delivery is known to have the success that its message waits for. Unsubscribing implies that the
    /// message was seen.
    func hasSucceeded(_ delivery: DeliveryID, _ until: Escalation.Success) -> Bool {
        isSuccess(recorded[delivery]?.keys.max(), until)
    }

    private func isSuccess(_ event: ReportedEvent?, _ until: Escalation.Success) -> Bool {
        switch event {
        case .unsubscribed, .complained, .converted: true
        case .clicked: until <= .clicked
        case .opened: until <= .opened
        case .delivered: until == .delivered
        default: false
        }
    }

    /// Whether a delivery is known to have reached no one; nil if that cannot be determined.
    private func isLost(_ delivery: DeliveryID) -> Bool? {
        switch recorded[delivery]?.keys.max() {
        case .bouncedSoft, .bouncedHard: true
        case .failed, .rejected: nil
        default: false
        }
    }

    /// I25: a further channel is used only after the previous one was used and its time has passed without success.
    mutating func judgeTurn(_ intent: Intent, _ name: String, at moment: Moment) {
        guard intent.draft.route == .escalate, intent.delivery.slot > 0 else { return }
        let message = intent.delivery.message
        let escalation = intent.draft.escalation
        for slot in 0..<intent.delivery.slot where hasSucceeded(message.delivery(slot), escalation.until) {
            broken(
                .escalatesWhenNeeded, at: moment,
                "\(name) was allowed although \(message.delivery(slot)) was \(escalation.until) already")
        }
        let before = message.delivery(intent.delivery.slot - 1)
        guard isLost(before) == false else { return }
        switch standings[before] {
        case .waits, .open:
            broken(.escalatesWhenNeeded, at: moment, "\(name) was allowed before \(before) had had its turn")
        case .sent:
            guard let sentAt = handedOverAt(before)?.clock, intent.clock < sentAt + escalation.after else { return }
            broken(
                .escalatesWhenNeeded, at: moment,
                "\(name) was allowed \((intent.clock - sentAt).milliseconds) ms after \(before), not after "
                    + "\(escalation.after.milliseconds) ms")
        case .over, nil: break
        }
    }

    /// Whether a delivery really had to wait for the channel before it.
    func awaitsChannel(_ refusal: Refusal) -> Bool {
        guard refusal.draft.route == .escalate, refusal.delivery.slot > 0 else { return false }
        let before = refusal.delivery.message.delivery(refusal.delivery.slot - 1)
        switch isLost(before) {
        case nil: return true
        case true?: return false
        case false?: break
        }
        switch standings[before] {
        case .waits, .open: return true
        case .over, nil: return false
        case .sent:
            guard let sent = handedOverAt(before) else { return true }
            let grace: Duration = .milliseconds(sent.isExact ? 0 : testimony.longestCall)
            return clockWasSet || refusal.clock < sent.clock + refusal.draft.escalation.after + grace
        }
    }

    /// Whether an earlier channel has succeeded, at least for some time.
    func isNeedless(_ delivery: DeliveryID, _ draft: MessageDraft) -> Bool {
        draft.route == .escalate
            && (0..<delivery.slot).contains { slot in
                (peaks[delivery.message.delivery(slot)] ?? []).contains { isSuccess($0, draft.escalation.until) }
            }
    }
}
