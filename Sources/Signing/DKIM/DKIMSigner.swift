import Text

/// Signs emails for the domains of its keys (RFC 6376, relaxed/relaxed; rsa-sha256, and ed25519-sha256 of RFC 8463).
///
/// Each signature covers the whole body and every header field that describes the email or its sender. A field that may
/// occur only once is named once more than it occurs, so that nobody can add one without breaking the signature.
public struct DKIMSigner: Sendable {
    /// The fields that are covered, and with true those that are named once more than they occur.
    private static let covered: [(name: String, isGuarded: Bool)] = [
        ("from", true), ("to", true), ("cc", true), ("subject", true), ("date", true), ("message-id", true),
        ("reply-to", true), ("sender", true), ("mime-version", true), ("content-type", true),
        ("content-transfer-encoding", true), ("list-unsubscribe", true), ("list-unsubscribe-post", true),
        ("in-reply-to", false), ("references", false), ("list-id", false), ("list-help", false),
        ("list-subscribe", false), ("list-post", false), ("list-owner", false), ("list-archive", false),
        ("feedback-id", false), ("auto-submitted", false), ("precedence", false), ("x-sobre-id", false),
    ]
    /// Lines of the signature field have at most this many characters.
    private static let lineLength = 76

    private let keys: [String: [DKIMKey]]

    /// - Parameter keys: all keys. An email is signed with every key of its domain, in this order.
    public init(keys: [DKIMKey]) {
        self.keys = Dictionary(grouping: keys, by: \.domain)
    }

    /// All keys, by the names of their records.
    public var allKeys: [DKIMKey] { keys.values.flatMap { $0 }.sorted { $0.recordName < $1.recordName } }

    /// The keys for a sender's domain: its own, else those of the closest domain above it that has any.
    ///
    /// - Parameter domain: the domain of the From address, in ASCII.
    /// - Returns: no keys if neither the domain nor one above it has any.
    public func keys(for domain: some StringProtocol) -> [DKIMKey] {
        var name = domain.lowercased()[...]
        while true {
            if let found = keys[String(name)] { return found }
            guard let dot = name.firstIndex(of: ".") else { return [] }
            name = name[name.index(after: dot)...]
        }
    }

    /// The `DKIM-Signature` fields of an email, which go before its header.
    ///
    /// - Parameters:
    ///   - mail: the email, with lines that end with CRLF.
    ///   - domain: the domain of its From address, in ASCII.
    ///   - time: when it is signed, in seconds since 1970.
    /// - Returns: one field for each key, with its line end; empty if no key fits.
    /// - Throws: ``KeyError`` when OpenSSL cannot sign.
    public func signatures(
        of mail: [UInt8], from domain: some StringProtocol, time: Int64
    ) throws(KeyError) -> [UInt8] {
        let keys = keys(for: domain)
        guard !keys.isEmpty else { return [] }
        let (fields, start) = DKIMCanonical.header(of: mail)
        let bodyHash = Base64.encode(Digest.sha256(DKIMCanonical.body(mail[start...])))
        let (names, signed) = Self.covered(fields)
        var out: [UInt8] = []
        out.reserveCapacity(keys.count * 1200)
        for key in keys {
            let tags = [
                "v=1", "a=\(key.algorithmName)", "c=relaxed/relaxed", "d=\(key.domain)", "s=\(key.selector)",
                "t=\(time)",
            ]
            var line = FoldedTags()
            for tag in tags { line.add(tag) }
            line.add(list: names)
            line.add("bh=\(bodyHash)")
            line.add("b=", last: true)
            // The signature covers its own field with an empty b= and without a line end (RFC 6376 §3.7).
            guard let own = DKIMCanonical.field(line.bytes[...]) else { continue }
            line.add(base64: Base64.encode(try key.sign(signed + own.bytes)))
            out += line.bytes
            out += [0x0d, 0x0a]
        }
        return out
    }

    /// The names for `h=`, and the canonical fields in their order, each with its line end. Of several fields with one
    /// name the lowest comes first (RFC 6376 §5.4.2).
    private static func covered(_ fields: [DKIMCanonical.Field]) -> (names: [String], bytes: [UInt8]) {
        var names: [String] = []
        var bytes: [UInt8] = []
        for (name, isGuarded) in covered {
            for field in fields.reversed() where field.name == name {
                names.append(name)
                bytes += field.bytes
                bytes += [0x0d, 0x0a]
            }
            if isGuarded { names.append(name) }
        }
        return (names, bytes)
    }

    /// The field while it is written, folded before a line gets too long.
    private struct FoldedTags {
        private(set) var bytes = Array("DKIM-Signature:".utf8)
        private var column = 15

        mutating func add(_ tag: String, last isLast: Bool = false) {
            let count = tag.utf8.count + (isLast ? 1 : 2)
            if column + count > DKIMSigner.lineLength { fold() } else { append(" ") }
            append(tag)
            if !isLast { append(";") }
        }

        mutating func add(list names: [String]) {
            fold()
            append("h=")
            for (index, name) in names.enumerated() {
                if column + name.utf8.count + 1 > DKIMSigner.lineLength { fold() }
                append(name)
                append(index == names.count - 1 ? ";" : ":")
            }
        }

        mutating func add(base64 text: String) {
            for byte in text.utf8 {
                if column >= DKIMSigner.lineLength { fold() }
                bytes.append(byte)
                column += 1
            }
        }

        private mutating func fold() {
            bytes += [0x0d, 0x0a, 0x20]
            column = 1
        }

        private mutating func append(_ text: String) {
            bytes += text.utf8
            column += text.utf8.count
        }
    }
}
