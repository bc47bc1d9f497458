import JSON
import SobreModel

extension Escalation {
    /// What the state of a message's earlier channels means for the next one.
    enum Gate: Hashable {
        /// The success did not come in time, or cannot come any more. The next channel is used.
        case open
        /// To be checked again at an instant.
        case wait(until: Instant, why: String)
        /// The success has come, so the next channel is not needed.
        case met(on: Channel, DeliveryState)
    }

    /// How soon a channel is checked again when an earlier one has not been sent yet.
    static let recheck = Duration.seconds(1)

    /// Evaluates the earlier channels, in order.
    func gate(after earlier: [EarlierDelivery], now: Instant) -> Gate {
        if let met = earlier.first(where: { isMet(by: $0.state) }) { return .met(on: met.channel, met.state) }
        guard let last = earlier.last else { return .open }
        switch last.state {
        // These did not reach the recipient, so there is nothing to wait for.
        case .failed, .dropped, .expired, .cancelled, .bounced: return .open
        case .scheduled, .queued, .held, .deferred, .attempting:
            let dueAt = max(last.dueAt ?? now, now) + Self.recheck
            return .wait(until: dueAt, why: "\(last.channel) goes first and is \(last.state)")
        case .sent, .unknown, .delivered, .opened, .clicked, .converted, .unsubscribed, .complained:
            let patience = (last.sentAt ?? now) + after
            if now >= patience { return .open }
            return .wait(until: patience, why: "unless \(last.channel) is \(until) before")
        }
    }
}

extension Evaluation {
    /// Step `escalation`. A later channel waits until the earlier ones were sent and their time is over. It is dropped
    /// when one of them has succeeded.
    var escalation: Escalation.Gate {
        // Only messages with `route: escalate` have earlier channels.
        facts.earlier.isEmpty ? .open : message.escalation.gate(after: facts.earlier, now: now)
    }

    /// The verdict of the step; nil when it passes.
    func escalationVerdict() -> Verdict? {
        if facts.earlier.isEmpty { return nil }
        let gate = escalation
        // It goes on when the earlier channel does. To check it every second would be a busy loop.
        if case .wait = gate, let pause = pauseOfEarlierChannel {
            return hold(pause, .awaitsChannel, step: .escalation)
        }
        return switch gate {
        case .open: nil
        // A message that expires before its turn is held only until it expires.
        case .wait(let until, _): Verdict(.hold(until: notAfterExpiry(until), .awaitsChannel), step: .escalation)
        case .met: Verdict(.drop(.escalationMet), step: .escalation)
        }
    }

    /// The operator's pause that holds the channel before; nil when none does.
    private var pauseOfEarlierChannel: SendingPause? {
        guard !pauses.isEmpty, let last = facts.earlier.last, last.state == .held else { return nil }
        if let pause = pauses.covering(message, on: last.channel) { return pause }
        // Only a pause holds without an end. Which provider it is about is known to the earlier channel alone.
        guard last.dueAt == nil else { return nil }
        return pauses.first { ($0.filter.channel ?? last.channel) == last.channel && $0.filter.matches(message) }
    }

    /// The result of the step as a text, for the log.
    var escalationSummary: String {
        switch escalation {
        case .open: ""
        case .wait(_, let why): why
        case .met(let channel, let state): "\(channel) is \(state)"
        }
    }

    /// Writes the row of the step, for messages with earlier channels.
    func writeEscalation(to json: inout JSONWriter) {
        if facts.earlier.isEmpty { return }
        let gate = escalation
        step(.escalation, passes: gate == .open, to: &json) { json in
            json.member("reason", ifPresent: gate == .open ? nil : escalationSummary)
            if case .wait(let until, _) = gate, pauseOfEarlierChannel == nil {
                json.member("until", ifPresent: notAfterExpiry(until).rfc3339)
            }
            json.key("earlier")
            json.array { json in
                for delivery in facts.earlier {
                    json.object { json in
                        json.member("channel", ifPresent: delivery.channel.description)
                        json.member("state", ifPresent: delivery.state.description)
                        json.member("sent_at", ifPresent: delivery.sentAt?.rfc3339)
                        json.member("due_at", ifPresent: delivery.dueAt?.rfc3339)
                    }
                }
            }
        }
    }
}
