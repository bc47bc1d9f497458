public import SobreModel
internal import Text

/// What an address of each kind must look like before anything is sent to it.
///
/// Strict on purpose: what passes here stands later in an SMTP envelope, a mail header or a provider's URL.
public enum AddressGrammar {
    /// The longest address, in bytes: a push token of 4 KiB.
    public static let maxBytes = 4096

    /// What is wrong with an address, in a sentence; nil when it is well formed.
    public static func complaint(about address: String, channel: Channel) -> String? {
        switch channel.addressKind {
        case .mailbox: complaintAboutEmail(address)
        case .phoneNumber: complaintAboutNumber(address)
        case .deviceToken: complaintAboutToken(address)
        }
    }

    /// An example of a well-formed address, for messages.
    public static func example(of channel: Channel) -> String {
        switch channel.addressKind {
        case .mailbox: "an address such as ann@example.com"
        case .phoneNumber: "a number in E.164 form such as +12025550123"
        case .deviceToken: "the device token as the provider issued it"
        }
    }

    /// RFC 5321 §4.1.2 with a dot-string local part and a domain name: no quoted local parts, no address literals.
    /// Letters outside ASCII may stand in both parts (RFC 6531): the domain goes out in its `xn--` form, and a name before
    /// the "@" that needs them is sent where the relay offers SMTPUTF8.
    static func complaintAboutEmail(_ address: String) -> String? {
        MailAddressGrammar.problem(in: address, domains: .dotted).map { "The address is not valid: \($0)." }
    }

    /// ITU-T E.164: `+`, a country code that does not begin with 0, at most 15 digits.
    static func complaintAboutNumber(_ number: String) -> String? {
        guard number.utf8.first == UInt8(ascii: "+") else {
            return "The number must begin with \"+\" and the country code."
        }
        let digits = number.utf8.dropFirst()
        guard digits.allSatisfy(\.isASCIIDigit) else { return "After the \"+\" only digits may stand, without spaces." }
        guard (7...15).contains(digits.count) else {
            return "The number has \(digits.count) digits; 7 to 15 are possible."
        }
        guard digits.first != UInt8(ascii: "0") else { return "A country code does not begin with 0." }
        return nil
    }

    /// Tokens are opaque: printable ASCII without spaces.
    static func complaintAboutToken(_ token: String) -> String? {
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return "The token contains a space, a control character or a letter outside ASCII."
        }
        return nil
    }
}
