import JSON
import SobreModel

extension Evaluation {
    func writeCaps(_ review: ChannelReview, to json: inout JSONWriter) {
        guard let address = review.address.map(subject(of:)) else { return }
        var traits = traits
        traits.channel = review.channel
        let passes = !review.caps.contains(where: \.isBlocking)
        json.object { json in
            json.key("step")
            json.value(AdmissionStep.caps.description)
            json.key("passes")
            json.value(passes)
            json.member("exempt", ifPresent: exemption)
            if let reached = review.address, isCrowded(reached) {
                json.key("crowded")
                json.value(true)
            }
            if !traits.countsTowardCaps {
                json.key("counted")
                json.value(false)
            }
            json.key("rules")
            json.array { json in
                for finding in review.caps { write(finding, traits, address, to: &json) }
                for (rule, other) in overridden(traits) { writeOverridden(rule, by: other, to: &json) }
            }
        }
    }

    private func write(_ finding: CapFinding, _ traits: ContactTraits, _ address: KeyHash, to json: inout JSONWriter) {
        let rule = policy.rules.caps[finding.rule]
        json.object { json in
            json.member("rule", ifPresent: rule.name)
            if finding.holder != nil { json.member("of", ifPresent: CapFinding.otherHolder) }
            json.key("passes")
            json.value(!finding.isBlocking)
            json.key("count")
            json.value(finding.reserved + finding.committed)
            json.key("in_flight")
            json.value(finding.reserved)
            json.key("limit")
            json.value(finding.limit)
            if finding.joins {
                json.key("joins")
                json.value(true)
            }
            if finding.holder == nil { writeOwn(finding, rule, to: &json) }
            json.member("window", ifPresent: rule.window.description)
            json.member("per", ifPresent: rule.scope.description)
            json.member("on_cap", ifPresent: rule.onCap.rawValue)
            switch finding.state {
            case .full(let freeAt): json.member("free_at", ifPresent: freeAt?.rfc3339 ?? "never")
            case .pending(let until): json.member("look_again_at", ifPresent: until.rfc3339)
            case .free: break
            }
            writeFilling(finding, traits, address, to: &json)
        }
    }

    /// What a rule makes of the recipient. Of another profile it is not told.
    private func writeOwn(_ finding: CapFinding, _ rule: CapRule, to json: inout JSONWriter) {
        let own = rule.limit(for: wishes)
        if own != rule.limit {
            json.key("policy_limit")
            json.value(rule.limit)
        }
        if finding.limit != own {
            json.key("reserved")
            json.value(own - finding.limit)
        }
        writeSegment(rule.segment, to: &json)
    }

    /// The contacts that fill a rule. Those of another profile are named by delivery and time alone.
    private func writeFilling(
        _ finding: CapFinding, _ traits: ContactTraits, _ address: KeyHash, to json: inout JSONWriter
    ) {
        let asked = finding.holder.map { holders[$0] } ?? self
        var filling: [Int] = []
        asked.forEachCountedContact(finding.rule, traits, address, at: now) { index, _ in filling.append(index) }
        guard !filling.isEmpty else { return }
        json.key("filled_by")
        json.array { json in
            for index in filling.suffix(Self.maxListed).reversed() {
                write(asked.facts.ledger[index], isOfRecipient: finding.holder == nil, to: &json)
            }
        }
    }

    /// Why the message is exempt from caps; nil when it is not.
    var exemption: String? {
        if obeysCaps { return nil }
        if message.isTest { return "it is a test send" }
        if let flags = message.capFlags { return "by \(flags.by)" }
        return "category \(category.name) does not obey caps"
    }

    private func writeSegment(_ segment: Segment?, to json: inout JSONWriter) {
        guard let segment else { return }
        json.member("where", ifPresent: segment.text)
        if case .unreadable(let reason) = segment.truth(for: attributes) {
            json.member("unreadable", ifPresent: reason)
        }
    }

    private func writeOverridden(_ rule: Int, by other: Int, to json: inout JSONWriter) {
        json.object { json in
            json.member("rule", ifPresent: policy.rules.caps[rule].name)
            json.key("passes")
            json.value(true)
            json.member("overridden_by", ifPresent: policy.rules.caps[other].name)
        }
    }

    /// The rules that match but are overridden, each with the first rule that overrides it.
    private func overridden(_ traits: ContactTraits) -> [(rule: Int, by: Int)] {
        guard policy.index.hasOverrides, obeysCaps else { return [] }
        let matching = policy.index.caps.rules(for: traits).map { Int($0) }.filter {
            let rule = policy.rules.caps[$0]
            return rule.appliesTo.matches(traits) && includesPerson(rule.segment)
        }
        return matching.compactMap { rule in
            matching.first { overrides($0) && policy.rules.caps[$0].overrides.contains(rule) }.map { (rule, $0) }
        }
    }

    /// Writes one contact, with the names that the policy and the message know.
    func write(_ entry: LedgerEntry, isOfRecipient: Bool = true, to json: inout JSONWriter) {
        json.object { json in
            json.key("delivery")
            json.value(entry.delivery.description)
            json.key("channel")
            json.value(entry.traits.channel.description)
            if isOfRecipient {
                json.member("category", ifPresent: name(of: entry.traits.category))
                json.member("campaign", ifPresent: name(of: entry.traits.campaign))
                json.member("template", ifPresent: name(of: entry.traits.template))
            }
            json.key("at")
            json.value((entry.committedAt ?? entry.reservedAt).rfc3339)
            if entry.state == .reserved {
                json.key("in_flight")
                json.value(true)
            }
        }
    }

    /// The text of a key hash, if the message or the policy has it.
    private func name(of keyHash: KeyHash) -> String? {
        if keyHash == .none { return nil }
        if keyHash == traits.category { return message.category }
        if keyHash == traits.campaign { return message.campaign }
        if keyHash == traits.template { return message.template }
        return policy.rules.names[keyHash]
    }
}
