/// The syntax of header names and of the parts of media types.
public enum MIMEToken {
    /// Whether a text is a token of RFC 2045 §5.1, as in `text/plain`.
    ///
    /// - Parameter text: the text.
    /// - Returns: whether it is a token; the empty text is none.
    public static func isValid(_ text: some StringProtocol) -> Bool {
        let specials = "()<>@,;:\\\"/[]?=".utf8
        return !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !specials.contains($0) }
    }
}
