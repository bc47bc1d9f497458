internal import DomainNames
public import Text

/// The strict grammar of mail addresses: a dot-atom, `@` and a domain name (RFC 5321 §4.1.2, RFC 1035). Both parts may
/// contain non-ASCII letters (RFC 6531, RFC 5890).
///
/// Quoted local parts, address literals and comments are rejected. They are rare, and each has been used in attacks.
public enum MailAddressGrammar {
    /// RFC 5321 §4.5.3.1.
    public static let maxLocalBytes = 64
    public static let maxAddressBytes = 254

    /// Which domains are allowed after the `@`.
    public enum Domains: Sendable {
        /// Any name, including `localhost`. For sending, because a private relay may accept it.
        case any
        /// A name with a dot whose last label is not a number. Required for a recipient's address.
        case dotted
    }

    /// What is wrong with an address, as a short text that does not repeat the address; nil when it is valid.
    public static func problem(in address: String, domains: Domains = .any) -> String? {
        if address.isEmpty { return "it is empty" }
        if isPlain(address) { return nil }
        let count = address.utf8.count
        if count > maxAddressBytes { return "it has \(count) bytes, at most \(maxAddressBytes) are allowed" }
        if address.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return "it contains a control character" }
        guard let at = address.firstIndex(of: "@") else { return "it has no @" }
        if let problem = problem(inLocal: address[..<at]) { return problem }
        let name = address[address.index(after: at)...]
        if name.isEmpty { return "the part after the @ is missing" }
        guard let domain = DomainName.ascii(name) else { return "the part after the @ is not a domain name" }
        if address[...at].utf8.count + domain.utf8.count > maxAddressBytes {
            return "it has more than \(maxAddressBytes) bytes with its domain in ASCII"
        }
        guard domains == .dotted else { return nil }
        let labels = domain.split(separator: ".")
        if labels.count < 2 { return "the domain after the @ has no dot" }
        return labels.last?.utf8.allSatisfy(\.isASCIIDigit) == true ? "the part after the @ is not a domain name" : nil
    }

    /// The address as written in envelopes and headers, with its domain in ASCII. The address must be valid by
    /// ``problem(in:domains:)``.
    ///
    /// If the part before the `@` is not ASCII, the relay must support SMTPUTF8.
    public static func wire(_ address: String) -> String {
        guard !address.isASCII, let at = address.lastIndex(of: "@"),
            let domain = DomainName.ascii(address[address.index(after: at)...])
        else { return address }
        return address[...at] + domain
    }

    /// `atext` of RFC 5322 §3.2.3.
    public static let atomText = ASCIISet.alphanumerics.union(ASCIISet("!#$%&'*+-/=?^_`{|}~"))

    /// Whether an address is ASCII and valid at first sight, as nearly all are: each message asks this several times.
    ///
    /// It is false for names that need a closer look: domains with one label, with a number as the last, or with two
    /// hyphens, which may be encoded.
    private static func isPlain(_ address: String) -> Bool {
        var at: Int?
        var previous = UInt8(ascii: ".")
        var (labels, label, isNumber, position) = (0, 0, true, 0)
        for byte in address.utf8 {
            if at == nil {
                if byte == UInt8(ascii: "@") {
                    guard previous != UInt8(ascii: "."), position <= maxLocalBytes else { return false }
                    at = position
                } else if byte == UInt8(ascii: ".") ? previous == byte : !atomText.contains(byte) {
                    return false
                }
            } else if byte == UInt8(ascii: ".") {
                guard label > 0, previous != UInt8(ascii: "-") else { return false }
                (labels, label, isNumber) = (labels + 1, 0, true)
            } else if byte == UInt8(ascii: "-") {
                guard label > 0, previous != byte else { return false }
                (label, isNumber) = (label + 1, false)
            } else {
                guard ASCIISet.alphanumerics.contains(byte), label < 63 else { return false }
                (label, isNumber) = (label + 1, isNumber && byte.isASCIIDigit)
            }
            previous = byte
            position += 1
        }
        return at != nil && labels > 0 && label > 0 && !isNumber && previous != UInt8(ascii: "-")
            && position <= maxAddressBytes
    }

    private static func problem(inLocal local: Substring) -> String? {
        if local.isEmpty { return "the part before the @ is missing" }
        if local.utf8.count > maxLocalBytes { return "the part before the @ is longer than \(maxLocalBytes) bytes" }
        for atom in local.split(separator: ".", omittingEmptySubsequences: false) {
            if atom.isEmpty { return "a dot is misplaced before the @" }
            for scalar in atom.unicodeScalars {
                if scalar.isASCII {
                    guard atomText.contains(UInt8(scalar.value)) else {
                        return "the part before the @ contains a character that is not allowed"
                    }
                } else if !MailCharacters.isVisible(scalar) {
                    return "the part before the @ contains an invisible character"
                }
            }
        }
        return nil
    }
}
