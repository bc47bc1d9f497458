internal import Text

/// The text with which a mail server tells a person that an email was not delivered: which address failed, and why.
///
/// Servers of every age write such texts. What they have in common is read: an address at the beginning of a line, then
/// the reason in the same line or the lines below it; replies that begin with a code; commands and replies of a transcript.
struct BounceText {
    /// The addresses that failed, the most certain first.
    private(set) var addresses: [String] = []
    /// Lines before the returned email.
    private let lines: [String]
    /// The replies of servers in the text, each on one line, with the number of the line where it begins.
    private let replies: [(line: Int, text: String)]
    private let lower: String

    private static let maxLines = 400
    private static let maxReasonLines = 8

    /// - Parameters:
    ///   - text: the text.
    ///   - own: addresses in lower case that did not fail: the senders of the report and of the returned email.
    init(_ text: String, excluding own: Set<String>) {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).prefix(Self.maxLines * 2) {
            let shown = Self.spaced(line.trimmed)
            if Self.endsNotice(shown, after: lines.count) || lines.count >= Self.maxLines { break }
            lines.append(shown)
        }
        self.lines = lines
        lower = lines.joined(separator: " ").lowercased()
        replies = Self.replies(in: lines)
        addresses = Self.failed(in: lines, excluding: own)
    }

    /// Some servers write a reply with underscores: `550_5.1.1_<ann@example.org>..._User_unknown`.
    private static func spaced(_ line: String) -> String {
        guard let mark = line.firstIndex(of: "_"), line[..<mark].suffix(3).allSatisfy(\.isNumber),
            line[..<mark].suffix(3).count == 3
        else { return line }
        return line.replacing("_", with: " ")
    }

    // MARK: - What it is

    var hasReply: Bool { !replies.isEmpty }
    /// Whether it says that an email was not delivered.
    var isBounce: Bool { Self.failures.contains { lower.contains($0) } }
    /// Whether it says that the email is still being tried.
    var isDelay: Bool { Self.delays.contains { lower.contains($0) } }
    /// Whether it says that nothing more will be tried.
    var isFinal: Bool { Self.ends.contains { lower.contains($0) } }

    private static let failures = [
        "undeliver", "not deliver", "unable to deliver", "could not be delivered", "couldn't be delivered",
        "cannot be delivered", "can't be delivered", "was not delivered", "wasn't delivered", "not been delivered",
        "wasn't able to deliver", "was unable to", "could not deliver", "couldn't deliver", "failed to deliver",
        "delivery failed", "delivery has failed", "delivery failure", "delivery to the following", "delivery error",
        "did not reach", "permanent fatal error", "permanent error", "permanent failure", "fatal error",
        "returned to sender", "returning your mail",
        "message rejected", "mail rejected", "was rejected", "has been rejected", "user unknown", "unknown user",
        "no such user",
        "mailbox full", "mailbox is full", "cannot deliver", "could not send", "error sending", "returned message",
        "bounced", "returned your",
        "account is disabled", "does not exist", "doesn't exist", "transcript of session", "unknown address",
        "invalid recipient", "address not found",
        "this user doesn't have", "not listed in", "over quota", "exceeded", "failed recipient", "failed address",
        "unknown host", "host unknown", "has been returned",
        "mailbox unavailable", "not listed", "konnte nicht", "nicht zugestellt",
        "unzustellbar", "n'a pas pu", "non remis", "no se pudo",
        "no ha podido", "non è stato", "non e' stato", "não pôde", "не удалось", "не доставлен", "無法", "无法",
    ]

    private static let delays = [
        "will be retried", "will continue to be attempted", "will keep trying", "will continue trying", "still trying",
        "will try again", "keep trying", "do not need to resend", "this is a warning message only", "continue to try",
        "has been delayed", "has been postponed", "delivery attempts will continue",
        "no action is required on your part",
        "not required to take any action", "not been delivered yet", "has not yet been delivered",
        "noch nicht zugestellt", "will be attempted again", "still in the queue", "will be sent again",
        "transient non-fatal",
    ]

    private static let ends = [
        "permanent", "giving up", "given up", "gave up", "will not be retried", "will not try again",
        "retry timeout exceeded", "retry time not reached", "no further attempts", "not going to try again",
        "i give up",
        "has expired", "returned to sender", "returning",
    ]

    /// Whether a line begins the returned email or its header.
    private static func endsNotice(_ line: String, after count: Int) -> Bool {
        let lower = line.lowercased()
        if marks.contains(where: { lower.contains($0) }) { return true }
        // A header of a returned email follows at some distance.
        return count > 2
            && ["received: ", "return-path: ", "dkim-signature: ", "x-sobre-id: ", "mime-version: "].contains {
                lower.hasPrefix($0)
            }
    }

    private static let marks = [
        "below this line is a copy", "this is a copy of the message", "here is a copy of the first part",
        "unsent message follows", "original message follows", "original message below", "original message header",
        "message header follow", "message headers follow", "headers of the message", "header of the original",
        "headers of the original", "copy of the original message", "copy of your message", "returned message follows",
        "text of the message", "message text follows", "content of your message", "original mail:",
        "--- original message", "---original message", "-- original message", "the original message is attached",
        "original message is included",
        "mail header:", "returned mail:", "begin original message", "undelivered message follows",
        "beginning of your message", "the message header", "your original message follow", "failed mail:",
        "the first 50 lines", "included is a copy of the message", "message contents follow",
        "[message header follows]", "reporting-mta:",
    ]

    // MARK: - Why

    /// The words that say why an address failed.
    ///
    /// - Parameter address: the address; nil or one that is not in the text: the only reason of the text.
    /// - Returns: nil if the text is empty.
    func reason(for address: String?) -> String? {
        let place = address.flatMap { address in
            lines.lastIndex { Self.names(address, in: $0) && !Self.isCommand($0) }
        }
        let first = address.flatMap { address in lines.firstIndex { Self.names(address, in: $0) } }
        if let first {
            // The reply that stands with the address, else the first one after it.
            let here = replies.filter { $0.line >= first && $0.line <= first + Self.maxReasonLines * 2 }
            if let reply = here.first(where: { Self.names(address!, in: $0.text) }) ?? here.first { return reply.text }
        }
        if let address, let reply = replies.first(where: { Self.names(address, in: $0.text) }) { return reply.text }
        if replies.count == 1 || addresses.count < 2, let reply = replies.last { return reply.text }
        if let place = place ?? first {
            let below = paragraph(from: place)
            if !below.isEmpty { return below }
        }
        return sayings.isEmpty ? nil : sayings
    }

    /// The line with the address without the address itself, and the lines below it up to an empty one. When an empty
    /// line follows at once, those after it.
    private func paragraph(from place: Int) -> String {
        var found: [String] = []
        let own = Self.withoutAddresses(lines[place])
        if own.split(separator: " ").count > 2 { found.append(own) }
        var index = place + 1
        var skipped = 0
        while index < lines.count, found.count < Self.maxReasonLines {
            let line = lines[index]
            index += 1
            if Self.isRule(line) { break }
            if line.isEmpty {
                guard found.isEmpty, skipped < 2 else { break }
                skipped += 1
                continue
            }
            let words = Self.withoutAddresses(line)
            // The next address begins its own reason.
            if words.isEmpty {
                if found.isEmpty { continue }
                break
            }
            found.append(words)
        }
        return found.joined(separator: " ")
    }

    /// Everything that the text says, without its rules, bounded.
    var sayings: String {
        lines.filter { !$0.isEmpty && !Self.isRule($0) }.prefix(30).joined(separator: " ")
    }

    private static func isRule(_ line: String) -> Bool {
        line.utf8.count > 4 && line.utf8.allSatisfy { "-=_*+#~".utf8.contains($0) }
    }

    /// `>>> RCPT TO:<…>`: what the reporting server said, and no reason.
    private static func isCommand(_ line: String) -> Bool { line.hasPrefix(">>>") }

    private static func names(_ address: String, in line: String) -> Bool {
        line.lowercased().contains(address.lowercased())
    }

    // MARK: - Replies

    private static func replies(in lines: [String]) -> [(line: Int, text: String)] {
        var found: [(line: Int, text: String)] = []
        var index = 0
        while index < lines.count {
            let line = lines[index]
            guard !isCommand(line), let start = replyStart(in: line) else {
                index += 1
                continue
            }
            var text = String(line[start...])
            let begin = index
            index += 1
            while index < lines.count, index - begin < 6 {
                let next = lines[index]
                guard !next.isEmpty, !isCommand(next), !isRule(next) else { break }
                if let more = replyStart(in: next) {
                    // Further lines of one reply have its code (RFC 5321 §4.2.1).
                    guard next[more...].prefix(3) == text.prefix(3), text.dropFirst(3).hasPrefix("-") else { break }
                    text += " " + next[more...].dropFirst(4)
                } else {
                    if !addresses(in: next).isEmpty, withoutAddresses(next).isEmpty { break }
                    text += " " + next
                }
                index += 1
            }
            found.append((begin, text))
        }
        return found
    }

    /// Where in a line a server's reply begins: at a code of three digits before a status or words.
    static func replyStart(in line: String) -> String.Index? {
        let bytes = Array(line.utf8)
        var index = 0
        while index + 3 < bytes.count {
            defer { index += 1 }
            guard bytes[index] == 0x34 || bytes[index] == 0x35, bytes[index + 1].isASCIIDigit,
                bytes[index + 2].isASCIIDigit, bytes[index + 1] <= 0x35,
                bytes[index + 3] == 0x20 || bytes[index + 3] == UInt8(ascii: "-"),
                index == 0 || " :<>('\"[;,".utf8.contains(bytes[index - 1])
            else { continue }
            // "554 bytes" or "450 messages" are no replies.
            let rest = String(decoding: bytes[(index + 4)...].prefix(12), as: UTF8.self).lowercased()
            if ["byte", "kb", "mb", "message", "line", "sec", "min", "hour", "day", "octet"].contains(where: {
                rest.hasPrefix($0)
            }) {
                continue
            }
            return line.utf8.index(line.startIndex, offsetBy: index)
        }
        return nil
    }

    // MARK: - Addresses

    /// The addresses that failed: those that begin a line or stand alone in it, then those of a transcript, then those
    /// in sentences.
    private static func failed(in lines: [String], excluding own: Set<String>) -> [String] {
        var first: [String] = []
        var second: [String] = []
        var third: [String] = []
        for line in lines {
            let found = addresses(in: line).filter { !own.contains($0.lowercased()) && !isServer($0) }
            guard let address = found.first else { continue }
            let lower = line.lowercased()
            if ["to:", "from:", "cc:", "reply-to:", "sender:"].contains(where: { lower.hasPrefix($0) }) {
                // Some notices begin with a few fields of the returned email, whose recipient may be a list.
                third.append(address)
            } else if lower.contains("rcpt to") || lower.contains("recipient") || lower.contains("smtp=") {
                second.append(address)
            } else if begins(line, with: address) {
                first += withoutAddresses(line).isEmpty ? found : [address]
            } else {
                third.append(address)
            }
        }
        for list in [first, second, third] where !list.isEmpty {
            var seen: Set<String> = []
            return list.filter { seen.insert($0.lowercased()).inserted }
        }
        return []
    }

    private static func begins(_ line: String, with address: String) -> Bool {
        line.drop { !$0.isLetter && !$0.isNumber || $0 == "*" }.lowercased().hasPrefix(address.prefix(6).lowercased())
            || line.lowercased().hasPrefix("smtp:\(address.lowercased())")
    }

    private static func isServer(_ address: String) -> Bool {
        let lower = address.lowercased()
        return ["mailer-daemon@", "postmaster@", "abuse@", "support@", "helpdesk@"].contains { lower.hasPrefix($0) }
    }

    /// The first address in a text such as `rfc822; <ann@example.org>`.
    static func address(_ text: String) -> String? { addresses(in: text).first }

    private static let inLocal = ASCIISet.alphanumerics.union(ASCIISet("!#$%&'*+-/=?^_`{|}~."))
    private static let inDomain = ASCIISet.alphanumerics.union(ASCIISet("-."))

    /// Every address in a text, in order. Local parts in quotes and letters outside ASCII count too.
    static func addresses(in text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        for at in bytes.indices where bytes[at] == UInt8(ascii: "@") {
            var start = at
            if start > 0, bytes[start - 1] == UInt8(ascii: "\"") {
                start -= 1
                repeat { start -= 1 } while start > 0 && bytes[start] != UInt8(ascii: "\"")
                start = max(start, 0)
            } else {
                while start > 0, inLocal.contains(bytes[start - 1]) || bytes[start - 1] >= 0x80 { start -= 1 }
            }
            var end = at + 1
            while end < bytes.count, inDomain.contains(bytes[end]) || bytes[end] >= 0x80 { end += 1 }
            while end > at + 1, bytes[end - 1] == UInt8(ascii: ".") || bytes[end - 1] == UInt8(ascii: "-") { end -= 1 }
            // `dda:SMTP=ann@example.org` in an address of X.400.
            if end - start > 5, bytes[start..<(start + 5)].elementsEqual("SMTP=".utf8) { start += 5 }
            // A quote or an equals sign before the address is not part of it.
            while start < at, "'=/`{|".utf8.contains(bytes[start]) { start += 1 }
            guard start < at, end > at + 1, end - start <= 254 else { continue }
            found.append(String(decoding: bytes[start..<end], as: UTF8.self))
        }
        return found
    }

    /// A line without its addresses and what surrounds them.
    private static func withoutAddresses(_ line: String) -> String {
        var words: [Substring] = []
        for word in line.split(separator: " ") where !word.contains("@") { words.append(word) }
        let rest = words.joined(separator: " ")
        return rest.contains(where: { $0.isLetter || $0.isNumber }) ? rest : ""
    }

    /// The words of an HTML text, with line ends where its blocks end.
    static func plain(html: String) -> String {
        var out = ""
        var rest = html[...]
        while let open = rest.firstIndex(of: "<") {
            out += rest[..<open]
            let tag = rest[rest.index(after: open)...]
            // "<ann@example.org>" is no tag.
            let name = tag.prefix { $0.isLetter || $0 == "/" || $0 == "!" }.lowercased()
            guard let close = tag.firstIndex(of: ">"), !tag[..<close].contains("@") || tag[..<close].contains("=")
            else {
                out += "<"
                rest = tag
                continue
            }
            if ["br", "p", "/p", "/div", "/td", "/tr", "/li", "/h1", "/h2", "/table", "div", "tr"].contains(name) {
                out += "\n"
            }
            rest = tag[tag.index(after: close)...]
            if name == "style" || name == "script" {
                guard let end = rest.firstRange(of: "</") else { break }
                rest = rest[end.lowerBound...]
            }
        }
        out += rest
        for (entity, text) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", "\""), ("&#39;", "'"), ("&#64;", "@"),
            ("&amp;", "&"),
        ] {
            out = out.replacing(entity, with: text)
        }
        return out
    }
}
