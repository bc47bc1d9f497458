/// The one rule for ids and names: of people, messages' keys, templates, campaigns, categories, API keys.
///
/// Every entry point applies it, so that whatever is stored can be shown in one line, sent in a header, exported, and
/// imported again.
public enum NameRule {
    /// What is wrong with a text as an id or a name, as a sentence that does not repeat it; nil when nothing is.
    ///
    /// - Parameters:
    ///   - text: the id or name.
    ///   - limit: how many bytes it may have.
    /// - Returns: nil for a text of 1 to `limit` bytes without control characters.
    public static func problem(in text: String, atMost limit: Int) -> String? {
        if text.isEmpty { return "The text is empty." }
        let count = text.utf8.count
        if count > limit { return "The text has \(count) bytes; at most \(limit) are allowed." }
        if text.unicodeScalars.contains(where: isControl) {
            return "The text contains a control character such as a line break."
        }
        return nil
    }

    /// Whether two names of categories or topics are one name: the case of ASCII letters does not matter.
    public static func areSame(_ first: String, _ second: String) -> Bool {
        if first == second { return true }
        guard first.utf8.count == second.utf8.count else { return false }
        return zip(first.utf8, second.utf8).allSatisfy { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether a scalar is a control character: C0, DEL, C1, or one of Unicode's line and paragraph separators.
    public static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
