/// What is true of a channel: the only place that says how channels differ.
///
/// Code asks for a trait, as a property of ``Channel``, and never for a channel by name. A new channel is a case of
/// ``Channel`` with its row and parts beside it, and a ``ContentForm`` where none of those that exist fits.
public struct ChannelTraits: Sendable {
    /// How many of a recipient's addresses one delivery reaches.
    public enum Reach: Sendable {
        /// The first address of the channel.
        case oneAddress
        /// Every address of the channel that is not suppressed: the devices of one recipient.
        case everyAddress
    }

    /// What a sender is on the channel.
    public enum Sender: Sendable {
        /// A mailbox with a name.
        case mailbox
        /// A number, a short code or a name, as the provider knows it.
        case text
    }

    /// In files, in the API and on the command line. Profiles hold it and the hashes of addresses contain it: never
    /// rename one.
    public let name: String
    /// In sentences for operators: `SMS`.
    public let title: String
    /// One message, with its article: `an SMS`.
    public let singular: String
    /// What recipients call messages of the channel: `text messages`.
    public let plural: String
    public let addressKind: AddressKind
    public let reach: Reach
    public let form: ContentForm
    /// The files of a template that hold its words.
    public let parts: [TemplatePart]
    /// What a sender is; nil: the channel has none, the provider's account is the sender.
    public let sender: Sender?
    /// Whether recipients answer on it, so that STOP and its like are understood there.
    public let hearsOptOutWords: Bool
    /// Whether the content carries a link to unsubscribe beside its words (RFC 8058), so that one is always made.
    public let hasUnsubscribeHeader: Bool
    /// What one delivery costs beside the others, where a policy says nothing.
    public let cost: Double
    /// Why an address that its provider calls dead is suppressed.
    public let deadAddressReason: Suppression.Reason
}

extension Channel {
    /// Its row of the table.
    public var traits: ChannelTraits { ChannelTraits.table[index] }

    public var title: String { ChannelTraits.table[index].title }
    public var singular: String { ChannelTraits.table[index].singular }
    public var plural: String { ChannelTraits.table[index].plural }
    public var addressKind: AddressKind { ChannelTraits.table[index].addressKind }
    /// Whether one delivery reaches every address that the recipient has on it.
    public var reachesEveryAddress: Bool { ChannelTraits.table[index].reach == .everyAddress }
    public var form: ContentForm { ChannelTraits.table[index].form }
    public var parts: [TemplatePart] { ChannelTraits.table[index].parts }
    public var sender: ChannelTraits.Sender? { ChannelTraits.table[index].sender }
    public var hearsOptOutWords: Bool { ChannelTraits.table[index].hearsOptOutWords }
    public var hasUnsubscribeHeader: Bool { ChannelTraits.table[index].hasUnsubscribeHeader }
    public var cost: Double { ChannelTraits.table[index].cost }
    public var deadAddressReason: Suppression.Reason { ChannelTraits.table[index].deadAddressReason }

    /// All names, for messages: `email, sms, push`.
    public static var names: [String] { allCases.map(\.description) }

    /// The names as a choice: `email, sms or push`.
    public static var choice: String {
        names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }
}
