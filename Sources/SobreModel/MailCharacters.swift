/// The non-ASCII characters allowed before the `@` of a mail address (RFC 6531 §3.3).
public enum MailCharacters {
    /// Whether a character is visible and has a meaning of its own. Excludes control and format characters, which can
    /// hide or reorder text, separators, and unassigned and private-use characters.
    public static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}
