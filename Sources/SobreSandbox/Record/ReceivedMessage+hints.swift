import Text

extension ReceivedMessage {
    /// Reads a hint by the sender about its message, from any of its sources.
    ///
    /// - Parameters:
    ///   - key: the name after `X-Sobre-` in a header or `sobre_` in a field: `recipient`, `id`, `campaign`, `category`,
    ///     `possible-duplicate` (or with `_`), ignoring case. Others are ignored.
    ///   - value: its text. An empty one is ignored.
    mutating func takeHint(_ key: some StringProtocol, _ value: String) {
        if value.isEmpty { return }
        if key.equalsIgnoringASCIICase("recipient") {
            person = value
        } else if key.equalsIgnoringASCIICase("id") {
            reference = value
        } else if key.equalsIgnoringASCIICase("campaign") {
            campaign = value
        } else if key.equalsIgnoringASCIICase("category") {
            category = value
        } else if key.equalsIgnoringASCIICase("possible-duplicate") || key.equalsIgnoringASCIICase("possible_duplicate")
        {
            possibleDuplicate =
                value.equalsIgnoringASCIICase("true") || value == "1" || value.equalsIgnoringASCIICase("yes")
        }
    }

    /// Reads an email or HTTP header if it is one of the sender's hints, or its trace.
    mutating func takeHint(header name: some StringProtocol, _ value: @autoclosure () -> String) {
        if let key = afterPrefix("x-sobre-", name) { return takeHint(key, value()) }
        if name.equalsIgnoringASCIICase("traceparent") { trace = value() }
    }

    /// Reads a form field, query item or data key if it is one of the sender's hints.
    mutating func takeHint(field name: String, _ value: @autoclosure () -> String) {
        if let key = afterPrefix("sobre_", name) { takeHint(key, value()) }
    }
}

/// The text after an ASCII prefix, compared without case; nil if the text does not begin with it.
private func afterPrefix<Text: StringProtocol>(_ prefix: String, _ text: Text) -> Text.SubSequence? {
    let bytes = text.utf8
    guard bytes.count > prefix.utf8.count, zip(prefix.utf8, bytes).allSatisfy({ $0 == $1.asciiLowercased }) else {
        return nil
    }
    return text[text.utf8.index(text.startIndex, offsetBy: prefix.utf8.count)...]
}
