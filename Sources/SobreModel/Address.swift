import DomainNames

/// Where a person is reached on one channel.
public struct Address: Hashable, Sendable {
    public var channel: Channel
    /// An email address, an E.164 number or a device token, as the provider wants it.
    public var value: String
    /// The provider that issued the token (push), or nil: any provider of the channel.
    public var provider: String?
    /// `android`, `ios`, `web` (push), or nil.
    public var platform: String?

    public init(channel: Channel, value: String, provider: String? = nil, platform: String? = nil) {
        self.channel = channel
        self.value = value
        self.provider = provider
        self.platform = platform
    }

    /// The form in which two spellings of one mailbox or number are equal: email in lower case with its domain in ASCII,
    /// numbers without anything but `+` and digits, tokens as they are. Used for counting and suppression, never for
    /// sending.
    public var normalised: String {
        switch channel.addressKind {
        case .mailbox: Self.normalisedMailbox(value)
        case .phoneNumber: Self.normalisedNumber(value)
        case .deviceToken: value
        }
    }

    /// `+1 (202) 555-0100` and `+12025550100` are one number; most are written so already.
    private static func normalisedNumber(_ value: String) -> String {
        func isKept(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "+") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return value.utf8.allSatisfy(isKept) ? value : String(decoding: value.utf8.filter(isKept), as: UTF8.self)
    }

    /// `Ann@Bücher.example` and `ann@xn--bcher-kva.example` are one mailbox.
    private static func normalisedMailbox(_ value: String) -> String {
        let lower = value.lowercased()
        if lower.utf8.allSatisfy({ $0 < 0x80 }) { return lower }
        guard let at = lower.lastIndex(of: "@"), let domain = DomainName.ascii(lower[lower.index(after: at)...])
        else { return lower }
        return lower[...at] + domain
    }

    /// What the ledger and the suppression list call this address.
    public var subject: KeyHash { KeyHash.address(channel: channel, normalised: normalised) }
}

extension KeyHash {
    /// The ledger's name of a person.
    public static func recipient(_ id: String) -> KeyHash {
        var hash = StableHash()
        hash.combine("recipient")
        hash.combine(id)
        return hash.keyHash
    }

    /// The ledger's name of an address.
    public static func address(channel: Channel, normalised: String) -> KeyHash {
        var hash = StableHash()
        hash.combine("address")
        hash.combine(channel.description)
        hash.combine(normalised)
        return hash.keyHash
    }
}

extension Address {
    /// The address with its middle hidden, for lists and logs: `a…@example.com`, `+1202…0123`, `token…`.
    public var masked: String {
        switch channel.addressKind {
        case .mailbox:
            guard let at = value.lastIndex(of: "@") else { return "…" }
            return "\(value.prefix(1))…\(value[at...])"
        case .phoneNumber: return value.count > 8 ? "\(value.prefix(4))…\(value.suffix(2))" : "…"
        case .deviceToken: return value.count > 12 ? "\(value.prefix(4))…" : "…"
        }
    }
}
