import SobreModel

/// A decision with its cause.
struct Verdict {
    var verdict: AdmissionDecision.Verdict
    /// The step that decided; nil when the message may be sent.
    var step: AdmissionStep?
    var review: ChannelReview?
    /// When the message could be sent, if that is after its expiry.
    var freeAfterExpiry: Instant?
    /// The operator's pause that holds the message.
    var pause: SendingPause?

    init(
        _ verdict: AdmissionDecision.Verdict, step: AdmissionStep?, review: ChannelReview? = nil,
        freeAfterExpiry: Instant? = nil
    ) {
        self.verdict = verdict
        self.step = step
        self.review = review
        self.freeAfterExpiry = freeAfterExpiry
    }

    /// Whether the delivery is held without an end that can be computed.
    var isEndlessHold: Bool {
        guard case .hold = verdict else { return false }
        return review?.isEndless ?? false
    }

    /// The stable name of the verdict.
    var name: String {
        switch verdict {
        case .send: "send"
        case .reroute: "reroute"
        case .hold: "hold"
        case .drop: "drop"
        case .expire: "expire"
        }
    }

    /// The stable name of the reason.
    var reason: String? {
        switch verdict {
        case .send, .reroute: nil
        case .hold(_, let reason): reason.rawValue
        case .drop(let reason): reason.rawValue
        case .expire: "expired"
        }
    }

    /// The reason as a short text for the log.
    func summary(in evaluation: Evaluation) -> String {
        var text = detail(in: evaluation)
        if isEndlessHold { text += "; held until the rule changes or the message expires" }
        if let freeAfterExpiry { text += "; free at \(freeAfterExpiry), after the message expires" }
        return text
    }

    private func detail(in evaluation: Evaluation) -> String {
        let policy = evaluation.policy
        switch verdict {
        case .send: return ""
        case .reroute(let channel): return "next channel: \(channel)"
        case .expire: return evaluation.expiresAt.map { "expired at \($0)" } ?? "expired"
        case .hold, .drop: break
        }
        switch step {
        case .operatorPause: return pause?.summary ?? ""
        case .restored, .clock, .facts:
            return step.flatMap(evaluation.condition)?.summary ?? ""
        case .escalation: return evaluation.escalationSummary
        case .recipient: return "there is no profile with this id"
        case .controlGroup: return evaluation.controlGroup.map { policy.rules.controlGroups[$0].name } ?? ""
        case .address: return "no address on \(channels(evaluation))"
        case .suppression:
            guard let index = review?.suppression else { return "" }
            let suppression = evaluation.facts.suppressions[index]
            return "\(suppression.label): \(suppression.reason.rawValue) since \(suppression.at)"
        case .consent: return review?.consent?.summary(in: evaluation) ?? ""
        case .window: return review?.window?.summary ?? ""
        case .duplicate: return review?.duplicate?.summary(in: evaluation) ?? ""
        case .quietHours: return review?.quiet?.summary(in: evaluation) ?? ""
        case .pause: return review?.pause?.summary(in: evaluation) ?? ""
        case .bestTime: return review?.bestTime?.summary(in: evaluation) ?? ""
        case .caps: return review?.caps.first(where: \.isBlocking)?.summary(in: evaluation) ?? ""
        default: return reason ?? ""
        }
    }

    /// What decided; nil when the message may be sent.
    func decidedBy(in evaluation: Evaluation) -> DecidingRule? {
        step.map { DecidingRule(step: $0.description, rule: ruleName(in: evaluation)) }
    }

    /// The name of the rule that decided. Several caps may be full at once: it is the first of them, as in the summary.
    private func ruleName(in evaluation: Evaluation) -> String? {
        let rules = evaluation.policy.rules
        switch step {
        case .controlGroup: return evaluation.controlGroup.map { rules.controlGroups[$0].name }
        case .duplicate: return review?.duplicate?.name(in: evaluation)
        case .quietHours: return (review?.quiet?.rule).map { rules.quiet[$0].name }
        case .caps: return (review?.caps.first(where: \.isBlocking)?.rule).map { rules.caps[$0].name }
        default: return nil
        }
    }

    private func channels(_ evaluation: Evaluation) -> String {
        evaluation.plan.map(\.description).joined(separator: ", ")
    }
}
