internal import SobreModel
internal import Text

/// The strict grammar of mail addresses: a dot-atom, `@` and a domain name (RFC 5321 §4.1.2, RFC 1035), with the letters
/// of the world in both (RFC 6531, RFC 5890).
///
/// Quoted local parts, address literals and comments are refused: they are rare, and each has been a way to smuggle
/// something past somebody.
enum MailAddressGrammar {
    /// RFC 5321 §4.5.3.1.
    static let maxLocalBytes = 64
    static let maxAddressBytes = 254
    static let maxLabelBytes = 63

    /// What is wrong with an address in a few words that do not repeat it; nil when nothing is.
    static func problem(in address: String) -> String? {
        let bytes = Array(address.utf8)
        if bytes.isEmpty { return "it is empty" }
        if bytes.count > maxAddressBytes { return "it is longer than \(maxAddressBytes) bytes" }
        if bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return "it holds a control character" }
        guard let at = bytes.firstIndex(of: UInt8(ascii: "@")) else { return "it has no @" }
        if let problem = problem(inLocal: bytes[..<at]) { return problem }
        guard bytes.contains(where: { $0 >= 0x80 }) else { return problem(inDomain: bytes[(at + 1)...]) }
        let local = String(decoding: bytes[..<at], as: UTF8.self)
        guard local.unicodeScalars.allSatisfy({ $0.isASCII || MailCharacters.isVisible($0) }) else {
            return "a character before the @ cannot be seen"
        }
        guard let domain = DomainName.ascii(String(decoding: bytes[(at + 1)...], as: UTF8.self)) else {
            return "the part behind the @ is not a domain's name"
        }
        return at + 1 + domain.utf8.count > maxAddressBytes ? "it is longer than \(maxAddressBytes) bytes" : nil
    }

    /// The address as envelopes and headers write it: its domain in ASCII. Only for addresses without a ``problem(in:)``.
    ///
    /// What is left outside ASCII stands before the `@` and needs a relay with SMTPUTF8.
    static func wire(_ address: String) -> String {
        guard !address.utf8.allSatisfy({ $0 < 0x80 }), let at = address.lastIndex(of: "@"),
            let domain = DomainName.ascii(address[address.index(after: at)...])
        else { return address }
        return address[...at] + domain
    }

    private static func problem(inLocal local: ArraySlice<UInt8>) -> String? {
        if local.isEmpty { return "nothing stands before the @" }
        if local.count > maxLocalBytes { return "the part before the @ is longer than \(maxLocalBytes) bytes" }
        var afterDot = true
        for byte in local {
            if byte == UInt8(ascii: ".") {
                if afterDot { return "a dot is out of place before the @" }
                afterDot = true
            } else {
                guard byte >= 0x80 || isAtomText(byte) else { return "a character is not allowed before the @" }
                afterDot = false
            }
        }
        return afterDot ? "a dot is out of place before the @" : nil
    }

    private static func problem(inDomain domain: ArraySlice<UInt8>) -> String? {
        if domain.isEmpty { return "nothing stands behind the @" }
        for label in domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            if label.isEmpty { return "a dot is out of place behind the @" }
            if label.count > maxLabelBytes { return "a part of the domain is longer than \(maxLabelBytes) bytes" }
            if label.first == UInt8(ascii: "-") || label.last == UInt8(ascii: "-") {
                return "a part of the domain begins or ends with a hyphen"
            }
            guard label.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") }) else {
                return "a character is not allowed in the domain"
            }
        }
        return nil
    }

    /// `atext` of RFC 5322 §3.2.3.
    static func isAtomText(_ byte: UInt8) -> Bool {
        if byte.isASCIIAlphanumeric { return true }
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    /// A token of RFC 2045 §5.1, as in `text/plain`.
    static func isToken(_ text: some StringProtocol) -> Bool {
        let specials = "()<>@,;:\\\"/[]?=".utf8
        return !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !specials.contains($0) }
    }
}
