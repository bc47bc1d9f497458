/// The kind of an address. Determines how it is checked, compared and shown.
public enum AddressKind: Sendable {
    /// `ann@example.com` (RFC 5321).
    case mailbox
    /// A number in E.164 form.
    case phoneNumber
    /// A device token issued by a push service for an application.
    case deviceToken
}
