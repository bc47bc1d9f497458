import Text

extension ReceivedMessage {
    /// Takes what the sender says about its message, whichever way it says it.
    ///
    /// - Parameters:
    ///   - key: the name after `X-Sobre-` in a header or `sobre_` in a field: `recipient`, `id`, `campaign`, `category`,
    ///     `possible-duplicate` (or with `_`), without regard to case. Others are ignored.
    ///   - value: its text; an empty one is ignored.
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

    /// Takes a mail or HTTP header if it is one of the sender's hints.
    mutating func takeHint(header name: some StringProtocol, _ value: @autoclosure () -> String) {
        if let key = afterPrefix("x-sobre-", name) { takeHint(key, value()) }
    }

    /// Takes a form field, query item or data key if it is one of the sender's hints.
    mutating func takeHint(field name: String, _ value: @autoclosure () -> String) {
        if let key = afterPrefix("sobre_", name) { takeHint(key, value()) }
    }
}

/// What follows an ASCII prefix, compared without case; nil when the text does not begin with it.
private func afterPrefix<Text: StringProtocol>(_ prefix: String, _ text: Text) -> Text.SubSequence? {
    let bytes = text.utf8
    guard bytes.count > prefix.utf8.count, zip(prefix.utf8, bytes).allSatisfy({ $0 == $1.asciiLowercased }) else {
        return nil
    }
    return text[text.utf8.index(text.startIndex, offsetBy: prefix.utf8.count)...]
}
