public import SobreModel

extension Policy {
    /// What of a policy stopped a message.
    public struct Objection: Hashable, Sendable {
        let step: AdmissionStep
        /// The rule by position; nil where the step has none.
        let rule: Int?

        /// Whether it is a rule of the policy's text, and not a fact such as a missing address.
        public var isRule: Bool { rule != nil }
    }

    /// The verdict with what brought it about, without a word of text: for judging millions.
    public struct Judgement: Sendable {
        public var verdict: AdmissionDecision.Verdict
        /// Nil for `send` and `reroute`.
        public var objection: Objection?
    }

    /// The same decision as ``decide(_:facts:conditions:now:explaining:)``, by the same steps.
    ///
    /// The traits are those of the request on its channel, from ``traits(of:)``, with its fingerprint: made once for many
    /// messages that are alike.
    public func judge(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, now: Instant,
        traits: ContactTraits
    ) -> Judgement {
        let evaluation = Evaluation(
            policy: self, request: request, facts: facts, conditions: conditions, now: now, traits: traits)
        let verdict = evaluation.verdict()
        return Judgement(verdict: verdict.verdict, objection: verdict.objection(in: evaluation))
    }

    /// The traits of a contact by this message, on the first of its channels.
    public func traits(of draft: MessageDraft) -> ContactTraits {
        let keyHash = KeyHash(draft.category)
        return Evaluation.traits(
            of: draft, category(keyHash, named: draft.category), keyHash, channel: draft.channels[0],
            fingerprint: .none)
    }

    /// Whether any rule compares addresses; else the ledger's `address` is not looked at.
    public var countsByAddress: Bool { index.needsAddress }

    /// The name of a rule that objected; for other steps the step's.
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

    /// What kind of rule objected: `cap`, `quiet_hours`, `duplicate`, `control_group`.
    public func kind(of objection: Objection) -> String {
        objection.step == .caps ? "cap" : objection.step.description
    }
}

extension Verdict {
    /// Which rule it is that stopped the message.
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
