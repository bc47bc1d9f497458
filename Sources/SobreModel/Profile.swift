/// One view of one person: where to reach them, what they allowed, and what templates may say.
///
/// Its fields lie in a box, so that a profile is handed on for the price of one reference.
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

    /// Makes a profile; `attributes` is a JSON object.
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

    /// The sender's own id of the person.
    public var id: String {
        get { fields.value.id }
        set { fields.value.id = newValue }
    }

    /// Other ids that name the same person, in their order: an anonymous visitor's, or those of profiles that were merged
    /// into this one. A store only ever adds to them.
    public var aliases: [String] {
        get { fields.value.aliases }
        set { fields.value.aliases = newValue }
    }

    /// BCP 47, for example `fr-FR`.
    public var locale: String? {
        get { fields.value.locale }
        set { fields.value.locale = newValue }
    }

    /// An IANA name, for example `Europe/Paris`.
    public var timezone: String? {
        get { fields.value.timezone }
        set { fields.value.timezone = newValue }
    }

    /// Zones that the person was in until lately, newest first: kept by the store, see ``rememberZones(of:at:)``.
    public var formerTimezones: [FormerTimezone] {
        get { fields.value.formerTimezones }
        set { fields.value.formerTimezones = newValue }
    }

    /// ISO 3166-1 alpha-2, upper case.
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

    /// The attributes as a JSON object, for templates.
    public var attributes: [UInt8] {
        get { fields.value.attributes }
        set { fields.value.attributes = newValue }
    }

    /// What the person asked for: fewer messages, or none for a while.
    public var caps: RecipientCaps {
        get { fields.value.caps }
        set { fields.value.caps = newValue }
    }

    /// The address used on a channel: the first that the profile lists.
    public func address(on channel: Channel) -> Address? { addresses.first { $0.channel == channel } }

    /// Every name under which the ledger may know this person: the person, each alias, each address.
    public var subjects: [KeyHash] {
        [.recipient(id)] + aliases.map(KeyHash.recipient) + addresses.map(\.subject)
    }
}

/// What a person allowed or refused, with its evidence.
public struct Consent: Hashable, Sendable {
    /// The category or topic it is about.
    public var category: String
    /// Nil: every channel.
    public var channel: Channel?
    public var granted: Bool
    public var at: Instant?
    /// Where it was given, for example `checkout`.
    public var source: String?
    /// How it was given, for whoever must prove it: the words that were agreed to, the address of the page, the IP address.
    /// A store keeps it in the history of consents, not in the profile.
    public var evidence: String?

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

/// A standing order not to contact a person or an address.
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

    /// Whom it is about: `KeyHash.recipient(_:)` or `Address.subject`.
    public var subject: KeyHash
    /// The person's id, or a masked address, for people to read; never used for matching.
    public var label: String
    public var reason: Reason
    /// Only this channel, or nil: all.
    public var channel: Channel?
    /// Only this category or topic, or nil: all.
    public var category: String?
    /// Who said so: `api`, `provider:twilio`, …
    public var source: String
    public var at: Instant
    /// What shows that it was said: the message that asked for it, how the link was used. Nil: nothing more than the source.
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
