public import SobreModel
internal import Text

/// The syntax of addresses for each kind of channel.
///
/// It is strict on purpose, because addresses become part of SMTP envelopes, mail headers and providers' URLs.
public enum AddressGrammar {
    /// The longest address in bytes. Push tokens have up to 4 KiB.
    public static let maxBytes = 4096

    /// What is wrong with an address, as a sentence; nil if it is valid.
    public static func problem(with address: String, channel: Channel) -> String? {
        switch channel.addressKind {
        case .mailbox: problemWithEmail(address)
        case .phoneNumber: problemWithNumber(address)
        case .deviceToken: problemWithToken(address)
        case .conversation: problemWithConversation(address)
        }
    }

    /// An example of a valid address, for messages.
    public static func example(of channel: Channel) -> String {
        switch channel.addressKind {
        case .mailbox: "an address such as ann@example.com"
        case .phoneNumber: "a number in E.164 form such as +12025550123"
        case .deviceToken: "the device token as the provider issued it"
        case .conversation: "the chat as its service names it, such as 123456789 or C0123ABCD"
        }
    }

    /// Accepts RFC 5321 §4.1.2 with a dot-string local part and a domain name. Quoted local parts and address literals
    /// are invalid. Both parts may be non-ASCII (RFC 6531): the domain is sent in its `xn--` form, and a non-ASCII
    /// local part needs a relay with SMTPUTF8.
    static func problemWithEmail(_ address: String) -> String? {
        MailAddressGrammar.problem(in: address, domains: .dotted).map { "The address is not valid: \($0)." }
    }

    /// Accepts ITU-T E.164: `+`, a country code that does not begin with 0, and 7 to 15 digits in all.
    static func problemWithNumber(_ number: String) -> String? {
        guard number.utf8.first == UInt8(ascii: "+") else {
            return "The number must begin with \"+\" and the country code."
        }
        let digits = number.utf8.dropFirst()
        guard digits.allSatisfy(\.isASCIIDigit) else { return "Only digits may follow the \"+\", without spaces." }
        guard (7...15).contains(digits.count) else {
            return "The number has \(digits.count) digits; 7 to 15 are allowed."
        }
        guard digits.first != UInt8(ascii: "0") else { return "A country code does not begin with 0." }
        return nil
    }

    /// A number as carriers report it, in E.164 form: with "+", without spaces and punctuation. What is no international
    /// number comes back as it is.
    static func normalisedNumber(_ text: String) -> String {
        var digits = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "+" where digits.isEmpty, " ", "-", ".", "(", ")", "/", "\u{A0}", "\u{202F}", "\u{2011}": continue
            default: return text
            }
        }
        let number = "+" + (digits.hasPrefix("00") ? digits.dropFirst(2) : digits[...])
        return problemWithNumber(number) == nil ? number : text
    }

    /// Accepts up to 256 characters of printable ASCII without spaces.
    static func problemWithConversation(_ name: String) -> String? {
        guard name.utf8.count <= 256, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return "The chat's name is over 256 bytes, or has a space, a control character or a non-ASCII character."
        }
        return nil
    }

    /// Accepts printable ASCII without spaces. Tokens are opaque.
    static func problemWithToken(_ token: String) -> String? {
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return "The token contains a space, a control character or a non-ASCII character."
        }
        return nil
    }
}
