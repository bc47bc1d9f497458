import DomainNames
import Text

/// An address of a recipient on one channel.
public struct Address: Hashable, Sendable {
    public var channel: Channel
    /// An email address, an E.164 number or a device token, as the provider expects it.
    public var value: String
    /// The provider that issued a push token; nil for any provider of the channel.
    public var provider: String?
    /// `android`, `ios` or `web` for push, else nil.
    public var platform: String?

    public init(channel: Channel, value: String, provider: String? = nil, platform: String? = nil) {
        self.channel = channel
        self.value = value
        self.provider = provider
        self.platform = platform
    }

    /// A form in which different spellings of one address are equal: email in lower case and in Unicode's form C, with
    /// its domain in ASCII, numbers reduced to `+` and digits, tokens unchanged. Used for counting and suppressions,
    /// never for sending.
    public var normalised: String {
        switch channel.addressKind {
        case .mailbox: Self.normalisedMailbox(value)
        case .phoneNumber: Self.normalisedNumber(value)
        case .deviceToken, .conversation: value
        }
    }

    /// Makes `+1 (202) 555-0100` and `+12025550100` equal. Most numbers need no change.
    private static func normalisedNumber(_ value: String) -> String {
        func isKept(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "+") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return value.utf8.allSatisfy(isKept) ? value : String(decoding: value.utf8.filter(isKept), as: UTF8.self)
    }

    /// Makes `Ann@Bücher.example` and `ann@xn--bcher-kva.example` equal, and `é` equal to `e` with a combining accent.
    private static func normalisedMailbox(_ value: String) -> String {
        let lower = value.lowercased()
        if lower.utf8.allSatisfy({ $0 < 0x80 }) { return lower }
        guard let at = lower.lastIndex(of: "@"), let domain = DomainName.ascii(lower[lower.index(after: at)...])
        else { return lower.composed }
        return lower[...at].composed + domain
    }

    /// Those of a channel's providers that can reach this address: a push token only through the one that issued it, if
    /// the channel still has it.
    public func providers(among names: [String]) -> [String] {
        guard let provider, names.contains(provider) else { return names }
        return [provider]
    }

    /// The hash of this address in the ledger and in suppressions.
    public var subject: KeyHash { KeyHash.address(channel: channel, normalised: normalised) }
}

extension KeyHash {
    /// The hash of a recipient in the ledger and in suppressions.
    public static func recipient(_ id: String) -> KeyHash {
        var hash = StableHash()
        hash.combine("recipient")
        hash.combine(id)
        return hash.keyHash
    }

    /// The hash of an address in the ledger and in suppressions.
    public static func address(channel: Channel, normalised: String) -> KeyHash {
        var hash = StableHash()
        hash.combine("address")
        hash.combine(channel.description)
        hash.combine(normalised)
        return hash.keyHash
    }
}

extension Address {
    /// The address with its middle hidden, for lists and logs, for example `a…@example.com`, `+120…23` or `toke…`.
    public var masked: String {
        switch channel.addressKind {
        case .mailbox:
            guard let at = value.lastIndex(of: "@") else { return "…" }
            return "\(value.prefix(1))…\(value[at...])"
        case .phoneNumber: return value.count > 8 ? "\(value.prefix(4))…\(value.suffix(2))" : "…"
        case .deviceToken, .conversation: return value.count > 12 ? "\(value.prefix(4))…" : "…"
        }
    }
}
