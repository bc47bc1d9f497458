import SobreModel
import YAMLDocument

extension PolicyReader {
    /// Reads `tracking`; nil: the policy has no such section.
    func tracking(_ root: YAMLMapping) throws(YAMLError) -> TrackingRule? {
        guard let mapping = try root.mapping(ifPresent: "tracking") else { return nil }
        try mapping.checkKeys(known: ["requires_consent", "consent"])
        var rule = TrackingRule()
        rule.requiresConsent = try mapping.bool("requires_consent", default: rule.requiresConsent)
        guard let value = mapping["consent"] else {
            try check(rule.consent, mapping.value)
            return rule
        }
        rule.consent = try value.string()
        if let problem = NameRule.problem(in: rule.consent, atMost: 100) {
            throw value.error(
                "the name of a consent has 1 to 100 bytes: \(problem)", help: "write it as \"tracking\"")
        }
        try check(rule.consent, value)
        return rule
    }

    /// A grant of marketing must not be one of tracking, too.
    private func check(_ name: String, _ value: YAMLValue) throws(YAMLError) {
        let isTaken = (categoryNames + topicNames).contains { NameRule.areSame($0, name) }
        if isTaken {
            throw value.error(
                "\"\(name)\" is a category or a topic, and consent to tracking is given on its own",
                help: "write another name, such as \"consent: open-and-click-tracking\"")
        }
    }
}
