import YAMLDocument

extension PolicyReader {
    /// The most stop words a policy may add.
    static let maxStopWords = 100

    /// Reads `stop_words` and `unsubscribe`.
    func withdrawal(_ root: YAMLMapping) throws(YAMLError) -> WithdrawalRules {
        var rules = WithdrawalRules()
        for value in root["stop_words"]?.listOrOne ?? [] {
            let word = try value.string()
            guard (1...40).contains(word.utf8.count), rules.stopWords.count < Self.maxStopWords else {
                throw value.error(
                    "a stop word has 1 to 40 bytes, and there are at most \(Self.maxStopWords)",
                    help: "a message is an opt-out only if it consists of the word alone")
            }
            rules.stopWords.append(word)
        }
        if let mapping = try root.mapping(ifPresent: "unsubscribe") {
            try mapping.checkKeys(known: ["scope", "channels"])
            rules.scope = try mapping.choice("scope", default: rules.scope)
            rules.channels = try mapping.choice("channels", default: rules.channels)
        }
        return rules
    }
}
