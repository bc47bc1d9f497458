/// What is known of one recipient: addresses, consents and attributes for templates.
///
/// The fields are boxed, so that passing a profile on copies only one reference.
public struct Profile: Hashable, Sendable {
    private struct Fields: Hashable, Sendable {
        var id: String
        var aliases: [String]
        var locale: String?
        var timezone: String?
        var formerTimezones: [FormerTimezone]
        var country: String?
        var addresses: [Address]
        var consents: [Consent]
        var attributes: [UInt8]
        var caps: RecipientCaps
    }

    private var fields: Boxed<Fields>

    /// Creates a profile. `attributes` is a JSON object.
    public init(
        id: String, locale: String? = nil, timezone: String? = nil, country: String? = nil, addresses: [Address] = [],
        consents: [Consent] = [], attributes: [UInt8] = Array("{}".utf8), caps: RecipientCaps = .none,
        formerTimezones: [FormerTimezone] = [], aliases: [String] = []
    ) {
        fields = Boxed(
            Fields(
                id: id, aliases: aliases, locale: locale, timezone: timezone, formerTimezones: formerTimezones,
                country: country, addresses: addresses, consents: consents, attributes: attributes, caps: caps))
    }

    /// The sender's own id of the recipient.
    public var id: String {
        get { fields.value.id }
        set { fields.value.id = newValue }
    }

    /// Other ids of the same recipient, in order: those of an anonymous visitor, or of profiles merged into this one.
    /// Stores only add to them.
    public var aliases: [String] {
        get { fields.value.aliases }
        set { fields.value.aliases = newValue }
    }

    /// A BCP 47 tag, for example `fr-FR`.
    public var locale: String? {
        get { fields.value.locale }
        set { fields.value.locale = newValue }
    }

    /// An IANA name, for example `Europe/Paris`.
    public var timezone: String? {
        get { fields.value.timezone }
        set { fields.value.timezone = newValue }
    }

    /// Zones the recipient was in until recently, newest first. Maintained by the store; see ``rememberZones(of:at:)``.
    public var formerTimezones: [FormerTimezone] {
        get { fields.value.formerTimezones }
        set { fields.value.formerTimezones = newValue }
    }

    /// ISO 3166-1 alpha-2 in upper case.
    public var country: String? {
        get { fields.value.country }
        set { fields.value.country = newValue }
    }

    public var addresses: [Address] {
        get { fields.value.addresses }
        set { fields.value.addresses = newValue }
    }

    public var consents: [Consent] {
        get { fields.value.consents }
        set { fields.value.consents = newValue }
    }

    /// The attributes for templates, as a JSON object.
    public var attributes: [UInt8] {
        get { fields.value.attributes }
        set { fields.value.attributes = newValue }
    }

    /// The recipient's own limits and pauses.
    public var caps: RecipientCaps {
        get { fields.value.caps }
        set { fields.value.caps = newValue }
    }

    /// The address used on a channel: the first one the profile lists.
    public func address(on channel: Channel) -> Address? { addresses.first { $0.channel == channel } }

    /// Whether the profile lists an address of a channel.
    public func hasAddress(on channel: Channel) -> Bool { fields.value.addresses.contains { $0.channel == channel } }

    /// All hashes this recipient may have in the ledger: of the id, of each alias and of each address.
    public var subjects: [KeyHash] {
        [.recipient(id)] + aliases.map(KeyHash.recipient) + addresses.map(\.subject)
    }
}

/// A recorded consent or refusal with its evidence.
public struct Consent: Hashable, Sendable {
    /// The category or topic it applies to.
    public var category: String
    /// Nil for all channels.
    public var channel: Channel?
    public var granted: Bool
    public var at: Instant?
    /// Where it was given, for example `checkout`.
    public var source: String?
    /// How it was given, as proof: the text that was agreed to, the address of the page, the IP address. Stores keep it
    /// in the consent history, not in the profile.
    public var evidence: String?

    /// Whether another consent is about the same category on the same channel. The case of the category does not
    /// matter.
    public func isAboutSame(as other: Consent) -> Bool {
        channel == other.channel && NameRule.areSame(category, other.category)
    }

    public init(
        category: String, channel: Channel? = nil, granted: Bool, at: Instant? = nil, source: String? = nil,
        evidence: String? = nil
    ) {
        self.category = category
        self.channel = channel
        self.granted = granted
        self.at = at
        self.source = source
        self.evidence = evidence
    }
}

/// An order not to contact a recipient or an address.
public struct Suppression: Hashable, Sendable {
    public enum Reason: String, CaseIterable, Sendable {
        case hardBounce = "hard_bounce"
        case complaint
        case unsubscribed
        case stopKeyword = "stop_keyword"
        case invalidToken = "invalid_token"
        case manual
        case erased
    }

    /// The suppressed recipient or address: `KeyHash.recipient(_:)` or `Address.subject`.
    public var subject: KeyHash
    /// The recipient's id or a masked address, for display only. Never used for matching.
    public var label: String
    public var reason: Reason
    /// The channel; nil for all.
    public var channel: Channel?
    /// The category or topic; nil for all.
    public var category: String?
    /// Who ordered it, for example `api` or `provider:twilio`.
    public var source: String
    public var at: Instant
    /// Proof of the order, for example the message that asked for it or how the link was used. Nil when there is only
    /// the source.
    public var evidence: String?

    public init(
        subject: KeyHash, label: String, reason: Reason, channel: Channel? = nil, category: String? = nil,
        source: String, at: Instant, evidence: String? = nil
    ) {
        self.subject = subject
        self.label = label
        self.reason = reason
        self.channel = channel
        self.category = category
        self.source = source
        self.at = at
        self.evidence = evidence
    }
}
