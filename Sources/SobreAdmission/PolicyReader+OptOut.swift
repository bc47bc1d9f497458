import YAMLDocument

extension PolicyReader {
    /// The most stop words a policy may add.
    static let maxKeywords = 100

    /// Reads `stop_words` and `unsubscribe`.
    func optOut(_ root: YAMLMapping) throws(YAMLError) -> OptOutRules {
        var rules = OptOutRules()
        for value in root["stop_words"]?.listOrOne ?? [] {
            let word = try value.string()
            guard (1...40).contains(word.utf8.count), rules.keywords.count < Self.maxKeywords else {
                throw value.error(
                    "a stop word has 1 to 40 bytes, and there are at most \(Self.maxKeywords)",
                    help: "a message is an opt-out only if it consists of the word alone")
            }
            rules.keywords.append(word)
        }
        if let mapping = try root.mapping(ifPresent: "unsubscribe") {
            try mapping.checkKeys(known: ["scope", "channels"])
            rules.scope = try mapping.choice("scope", default: rules.scope)
            rules.channels = try mapping.choice("channels", default: rules.channels)
        }
        return rules
    }
}
