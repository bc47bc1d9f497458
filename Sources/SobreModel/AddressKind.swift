/// The kind of an address. Determines how it is checked, compared and shown.
public enum AddressKind: Sendable {
    /// `ann@example.com` (RFC 5321).
    case mailbox
    /// A number in E.164 form.
    case phoneNumber
    /// A conversation, as a chat service names it: a person, a group or a channel.
    case conversation
    /// A device token issued by a push service for an application.
    case deviceToken
}
