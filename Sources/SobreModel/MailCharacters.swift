/// The letters beyond ASCII that the name before the `@` of a mail address may hold (RFC 6531 §3.3).
public enum MailCharacters {
    /// Whether a character can be seen and has a meaning of its own: no control or format character (these hide, or turn
    /// the order of what is read), no separator, nothing unassigned or for private use.
    public static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}
