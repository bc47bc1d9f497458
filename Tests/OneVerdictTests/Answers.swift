import SobreAdmission
import SobreModel
import Synchronization

@testable import SobreNode
@testable import SobreSimulation

/// A question as the dispatcher put it: the request in its last form, and the facts that the store read for it.
struct Question {
    var request: AdmissionRequest
    var facts: AdmissionFacts
    var conditions: AdmissionConditions
    var now: Instant

    /// What a simulation under the policy in force answers.
    func simulated(under inForce: PolicyInForce) throws -> (channel: Channel, judgement: Policy.Judgement) {
        var log = RequestLog()
        try log.append(request.message)
        log.seal()
        let (policy, conditions) = inForce.inForce(conditions)
        var run = ReplayRun(
            Replay(log, population: Population(missingProfiles: .unknown)), policy: policy, conditions: conditions)
        let place = run.join(0, facts)
        for (slot, earlier) in facts.earlier.enumerated() {
            run.ladders.note(request.message.id.delivery(slot), earlier)
        }
        let judgement = run.judge(
            ReplayRun.Delivery(entry: 0, id: request.delivery), place, under: policy, at: now)
        return (run.kinds[0].request.channel, judgement)
    }

    /// What the server's dry run answers on these facts, for this delivery and the later ones of its message.
    func dryRun(by dryRunner: DryRunner) -> [DryRunDecision] {
        dryRunner.decide(request.message, facts: facts, conditions: conditions, at: now)
    }

    /// What a preview answers on these facts, for this delivery and the later ones of its message.
    func preview(under inForce: PolicyInForce) -> [DryRunDecision] {
        let (policy, conditions) = inForce.inForce(conditions)
        return policy.dryRun(request.message, facts: facts, conditions: conditions, now: now)
    }
}

/// What the store's thread decided within one call of `admit`.
final class Decided: Sendable {
    private let last = Mutex<(facts: AdmissionFacts, decision: AdmissionDecision, now: Instant)?>(nil)

    func note(_ facts: AdmissionFacts, _ decision: AdmissionDecision, _ now: Instant) {
        last.withLock { $0 = (facts, decision, now) }
    }

    var value: (facts: AdmissionFacts, decision: AdmissionDecision, now: Instant)? { last.withLock { $0 } }
}

/// How the dispatcher's answer compares with another's.
enum AnswerComparison {
    /// What differs, in words; nil: nothing.
    ///
    /// Only the dispatcher knows whether there is content. Without it, what the others would send is rendered first.
    static func difference(
        _ own: AdmissionDecision, on channel: Channel, _ request: AdmissionRequest,
        from other: AdmissionDecision, on otherChannel: Channel, at now: Instant
    ) -> String? {
        if !request.isRendered, case .send = other.verdict {
            let expected = AdmissionDecision.Verdict.reroute(request.channel)
            return own.verdict == expected ? nil : "\(own.verdict), not \(expected)"
        }
        if own.verdict != other.verdict { return "\(own.verdict) and \(other.verdict)" }
        if channel != otherChannel { return "\(own.verdict) on \(channel) and on \(otherChannel)" }
        if own.isEndless != other.isEndless { return "\(own.verdict), endless: \(own.isEndless), \(other.isEndless)" }
        if own.summary != other.summary { return "\"\(own.summary)\" and \"\(other.summary)\"" }
        if own.policyVersion != other.policyVersion { return "versions \(own.policyVersion), \(other.policyVersion)" }
        if own.furtherAddresses != other.furtherAddresses {
            return "\(own.furtherAddresses) and \(other.furtherAddresses)"
        }
        if let explanation = own.explanation, explanation != other.explanation {
            let texts = [explanation, other.explanation ?? []].map { String(decoding: $0, as: UTF8.self) }
            return "\(own.verdict), but the explanations differ:\n\(texts[0])\n\(texts[1])"
        }
        return nil
    }
}

extension AdmissionDecision.Verdict {
    /// Without what differs from message to message: for counting.
    var kind: String {
        switch self {
        case .send: "send"
        case .reroute: "reroute"
        case .hold(_, let reason): "hold \(reason.rawValue)"
        case .drop(let reason): "drop \(reason.rawValue)"
        case .expire: "expire"
        }
    }
}
