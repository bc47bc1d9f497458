public import SobreModel

extension Policy {
    /// The part of a policy that stopped a message.
    public struct Objection: Hashable, Sendable {
        let step: AdmissionStep
        /// The position of the rule; nil when the step has none.
        let rule: Int?

        /// Whether a rule of the policy's text objected, and not a fact such as a missing address.
        public var isRule: Bool { rule != nil }
    }

    /// The verdict and its cause without any texts, for evaluating millions of messages.
    public struct Judgement: Sendable {
        public var verdict: AdmissionDecision.Verdict
        /// Nil for `send` and `reroute`.
        public var objection: Objection?
        /// Whether it is held without an end that can be computed.
        public var isEndless = false
        /// With `send` on push, the recipient's other devices. Only filled when one of the addresses is shared.
        public var furtherAddresses: [Address] = []
    }

    /// Makes the same decision as ``decide(_:facts:conditions:now:explaining:)``, by the same steps.
    ///
    /// `traits` are those of the request on its channel, from ``traits(of:)``, with its fingerprint. They can be
    /// computed once for many messages that are alike.
    public func judge(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, now: Instant,
        traits: ContactTraits
    ) -> Judgement {
        let evaluation = Evaluation(
            policy: self, request: request, facts: facts, conditions: conditions, now: now, traits: traits)
        let verdict = evaluation.verdict()
        var judgement = Judgement(
            verdict: verdict.verdict, objection: verdict.objection(in: evaluation), isEndless: verdict.isEndlessHold)
        if case .send(let address, _) = verdict.verdict, !facts.holders.isEmpty {
            judgement.furtherAddresses = evaluation.furtherDevices(beside: address)
        }
        return judgement
    }

    /// The traits of a contact made by this message, on its first channel.
    public func traits(of draft: MessageDraft) -> ContactTraits {
        let keyHash = KeyHash(draft.category)
        return Evaluation.traits(
            of: draft, category(keyHash, named: draft.category), keyHash, channel: draft.channels[0],
            fingerprint: .none)
    }

    /// Whether any rule compares addresses. If not, the ledger's `address` is not used.
    public var countsByAddress: Bool { index.needsAddress }

    /// The name of the rule that objected, else of the step.
    public func name(of objection: Objection) -> String {
        guard let rule = objection.rule else { return objection.step.description }
        return switch objection.step {
        case .controlGroup: rules.controlGroups[rule].name
        case .duplicate: rules.dedup[rule].name
        case .quietHours: rules.quiet[rule].name
        case .caps: rules.caps[rule].name
        default: objection.step.description
        }
    }

    /// The kind of rule that objected: `cap`, `quiet_hours`, `duplicate` or `control_group`.
    public func kind(of objection: Objection) -> String {
        objection.step == .caps ? "cap" : objection.step.description
    }
}

extension Verdict {
    /// The rule that stopped the message.
    fileprivate func objection(in evaluation: Evaluation) -> Policy.Objection? {
        guard let step, step != .route else { return nil }
        let rule: Int? =
            switch step {
            case .controlGroup: evaluation.controlGroup
            case .duplicate: review?.duplicate?.rule
            case .quietHours: review?.quiet?.rule
            case .caps: review?.caps.first(where: \.isBlocking)?.rule
            default: nil
            }
        return Policy.Objection(step: step, rule: rule)
    }
}
