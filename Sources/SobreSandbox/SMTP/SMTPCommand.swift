import Text

/// One SMTP command, read from its line.
enum SMTPCommand: Equatable {
    case hello(isExtended: Bool, name: String)
    case mail(from: String, size: Int?)
    case recipient(String)
    case data
    case reset
    case noop
    case verify
    case quit
    case auth(mechanism: String, initial: String?)
    /// An invalid command, with its reply.
    case bad(SMTPReply)

    /// Parses a line. An invalid one becomes ``bad(_:)``.
    init(_ line: [UInt8]) {
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            self = .bad(SMTPReply(500, "5.5.2 The command contains a control character; send printable text"))
            return
        }
        let text = String(decoding: line, as: UTF8.self)
        let space = text.firstIndex(of: " ")
        let verb = text[..<(space ?? text.endIndex)]
        let argument = space.map { trimmed(text[$0...]) } ?? ""
        if verb.equalsIgnoringASCIICase("EHLO") || verb.equalsIgnoringASCIICase("HELO") {
            self =
                argument.isEmpty
                ? .bad(SMTPReply(501, "5.5.4 Say your name: \(verb) client.example"))
                : .hello(isExtended: verb.equalsIgnoringASCIICase("EHLO"), name: String(argument))
        } else if verb.equalsIgnoringASCIICase("MAIL") {
            self = Self.mail(argument)
        } else if verb.equalsIgnoringASCIICase("RCPT") {
            self = Self.recipient(argument)
        } else if verb.equalsIgnoringASCIICase("DATA") {
            self = .data
        } else if verb.equalsIgnoringASCIICase("RSET") {
            self = .reset
        } else if verb.equalsIgnoringASCIICase("NOOP") {
            self = .noop
        } else if verb.equalsIgnoringASCIICase("VRFY") {
            self = .verify
        } else if verb.equalsIgnoringASCIICase("QUIT") {
            self = .quit
        } else if verb.equalsIgnoringASCIICase("AUTH") {
            let parts = argument.split(separator: " ", maxSplits: 1)
            self =
                parts.isEmpty
                ? .bad(SMTPReply(501, "5.5.4 Name a mechanism: AUTH PLAIN or AUTH LOGIN"))
                : .auth(mechanism: String(parts[0]), initial: parts.count > 1 ? String(trimmed(parts[1])) : nil)
        } else {
            self = .bad(SMTPReply(500, "5.5.1 Command unknown: \(clipped(verb, to: 20))"))
        }
    }

    private static func mail(_ argument: Substring) -> SMTPCommand {
        guard let (address, parameters) = path(argument, after: "FROM:") else {
            return .bad(SMTPReply(501, "5.5.4 Write MAIL FROM:<address>"))
        }
        var size: Int?
        for parameter in parameters.split(separator: " ") {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            let value = parts.count > 1 ? parts[1] : ""
            if parts[0].equalsIgnoringASCIICase("SIZE") {
                guard let number = Int(value), number >= 0 else {
                    return .bad(SMTPReply(501, "5.5.4 SIZE is not a number"))
                }
                size = number
            } else if !["BODY", "SMTPUTF8", "AUTH", "RET", "ENVID"].contains(where: {
                $0.equalsIgnoringASCIICase(parts[0])
            }) {
                return .bad(SMTPReply(555, "5.5.4 MAIL parameter unknown: \(clipped(parts[0], to: 20))"))
            }
        }
        return .mail(from: address, size: size)
    }

    private static func recipient(_ argument: Substring) -> SMTPCommand {
        guard let (address, _) = path(argument, after: "TO:"), !address.isEmpty else {
            return .bad(SMTPReply(501, "5.5.4 Write RCPT TO:<address>"))
        }
        return .recipient(address)
    }

    /// The address between angle brackets after a keyword, and the rest. A source route is dropped (RFC 5321 §F.2).
    private static func path(_ argument: Substring, after keyword: String) -> (String, Substring)? {
        guard argument.utf8.count > keyword.utf8.count, argument.prefix(keyword.count).equalsIgnoringASCIICase(keyword)
        else {
            return nil
        }
        let rest = trimmed(argument.dropFirst(keyword.count))
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        var address = rest[rest.index(after: rest.startIndex)..<end]
        if address.first == "@", let colon = address.firstIndex(of: ":") {
            address = address[address.index(after: colon)...]
        }
        guard !address.contains(where: { $0 == " " || $0 == "<" }), address.utf8.count <= 320 else { return nil }
        return (String(address), trimmed(rest[rest.index(after: end)...]))
    }
}

/// One reply of one or more lines.
struct SMTPReply: Equatable {
    let code: Int
    let lines: [String]

    init(_ code: Int, _ lines: String...) {
        self.code = code
        self.lines = lines
    }

    /// The reply as sent on the wire.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for (index, line) in lines.enumerated() {
            bytes.append(contentsOf: String(code).utf8)
            bytes.append(index == lines.count - 1 ? 0x20 : UInt8(ascii: "-"))
            bytes.append(contentsOf: line.utf8)
            bytes.append(0x0D)
            bytes.append(0x0A)
        }
        return bytes
    }
}
