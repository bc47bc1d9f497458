/// The names of templates' values that Sobre provides. A message's data cannot have a member of such a name: one of the
/// two would hide the other.
public enum ReservedName: String, CaseIterable, Sendable {
    /// The profile with its attributes.
    case customer
    /// What the message says of itself: `id`, `template`, `category`, …
    case message
    case campaign
    case channel
    case locale
    case now
    case unsubscribeURL = "unsubscribe_url"
    case preferencesURL = "preferences_url"
    case emailSubject = "email_subject"
    case emailPreheader = "email_preheader"

    /// All names, in order.
    public static let names = allCases.map(\.rawValue)
}
