/// The properties of a channel. This is the only place that defines how channels differ.
///
/// Code reads a property of ``Channel`` and never tests for a channel by name. To add a channel, add a case to
/// ``Channel`` with its table row and template parts, and a ``ContentForm`` if no existing one fits.
public struct ChannelTraits: Sendable {
    /// How many of a recipient's addresses one delivery reaches.
    public enum Reach: Sendable {
        /// The first address of the channel.
        case oneAddress
        /// Every address of the channel that is not suppressed: the devices of one recipient.
        case everyAddress
    }

    /// The kind of sender a channel has.
    public enum Sender: Sendable {
        /// A mailbox with a name.
        case mailbox
        /// A number, a short code or a name, as the provider knows it.
        case text
    }

    /// The name in files, in the API and on the command line. Profiles and the hashes of addresses contain it; never
    /// rename one.
    public let name: String
    /// The name in texts for operators, for example `SMS`.
    public let title: String
    /// One message with its article, for example `an SMS`.
    public let singular: String
    /// What recipients call messages of the channel, for example `text messages`.
    public let plural: String
    public let addressKind: AddressKind
    public let reach: Reach
    public let form: ContentForm
    /// The template files for the channel.
    public let parts: [TemplatePart]
    /// The kind of sender. Nil when the channel has none, because the provider's account is the sender.
    public let sender: Sender?
    /// Whether recipients can reply on the channel, so that STOP and similar words are recognised.
    public let acceptsOptOutKeywords: Bool
    /// Whether the content carries an unsubscribe link outside its text (RFC 8058). Such a link is then always
    /// generated.
    public let hasUnsubscribeHeader: Bool
    /// The relative cost of one delivery, used when the policy does not set one.
    public let cost: Double
    /// The suppression reason for an address that its provider reports as dead.
    public let deadAddressReason: Suppression.Reason
}

extension Channel {
    /// The row of this channel in the table.
    public var traits: ChannelTraits { ChannelTraits.table[index] }

    public var title: String { ChannelTraits.table[index].title }
    public var singular: String { ChannelTraits.table[index].singular }
    public var plural: String { ChannelTraits.table[index].plural }
    public var addressKind: AddressKind { ChannelTraits.table[index].addressKind }
    /// Whether one delivery reaches all of the recipient's addresses on the channel.
    public var reachesEveryAddress: Bool { ChannelTraits.table[index].reach == .everyAddress }
    public var form: ContentForm { ChannelTraits.table[index].form }
    public var parts: [TemplatePart] { ChannelTraits.table[index].parts }
    /// Whether content may be a template that the channel's operator has approved.
    public var usesApprovedTemplates: Bool { form == .chat }
    public var sender: ChannelTraits.Sender? { ChannelTraits.table[index].sender }
    public var acceptsOptOutKeywords: Bool { ChannelTraits.table[index].acceptsOptOutKeywords }
    public var hasUnsubscribeHeader: Bool { ChannelTraits.table[index].hasUnsubscribeHeader }
    public var cost: Double { ChannelTraits.table[index].cost }
    public var deadAddressReason: Suppression.Reason { ChannelTraits.table[index].deadAddressReason }

    /// All names, for messages to the user.
    public static var names: [String] { allCases.map(\.description) }

    /// The names as a choice: `email, sms or push`.
    public static var choice: String {
        names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }
}
