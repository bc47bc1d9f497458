/// What an address is, which decides how it is checked, compared and shown.
public enum AddressKind: Sendable {
    /// `ann@example.com` (RFC 5321).
    case mailbox
    /// A number in E.164 form.
    case phoneNumber
    /// An application on a device, by the token that the push service issued.
    case deviceToken
}
