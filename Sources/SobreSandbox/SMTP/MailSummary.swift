import Text

/// Reads the fields of an email's row: subject, sender, Message-ID, hints and the beginning of its text.
///
/// Parsing is lenient, because the email has already been accepted. It is limited to the header and to parts up to a
/// depth of ``maxDepth``.
enum MailSummary {
    /// The deepest nesting of multiparts that is read.
    static let maxDepth = 4

    static func read(_ mail: [UInt8], into message: inout ReceivedMessage) {
        let header = MailHeader(mail[...])
        for field in header.fields {
            if field.isNamed("subject") {
                message.title = EncodedWords.decoded(field.text)
            } else if field.isNamed("from") {
                message.from = excerpt(EncodedWords.decoded(field.text), limit: ReceivedMessage.fieldLimit)
            } else if field.isNamed("message-id") {
                message.messageID = field.text
            } else {
                message.takeHint(header: String(decoding: field.name, as: UTF8.self), field.text)
            }
        }
        message.reference = message.reference ?? message.messageID
        message.text = text(of: mail[header.end...], header: header, depth: 0) ?? ""
    }

    /// The beginning of the first plain text, or of the first HTML without its tags; nil if there is neither.
    private static func text(of body: ArraySlice<UInt8>, header: MailHeader, depth: Int) -> String? {
        let type = header["content-type"] ?? "text/plain"
        if hasPrefixFolded(type, "multipart/") {
            guard depth < maxDepth, let boundary = parameter("boundary", of: type) else { return nil }
            for part in parts(of: body, boundary: Array("--\(boundary)".utf8)) {
                let header = MailHeader(part)
                if let text = text(of: part[header.end...], header: header, depth: depth + 1) { return text }
            }
            return nil
        }
        let isHTML = hasPrefixFolded(type, "text/html")
        guard isHTML || hasPrefixFolded(type, "text/plain") else { return nil }
        let encoding = header["content-transfer-encoding"] ?? "7bit"
        // HTML begins with a head and styles, so more of it is needed for the same amount of text.
        let raw = body.prefix(isHTML ? 32_768 : 4096)
        let decoded: [UInt8]
        if encoding.equalsIgnoringASCIICase("base64") {
            // Truncated base64 need not end at a group of four.
            let digits = raw.filter { $0 > 0x20 }
            decoded = Base64.decodeAny(raw.count < body.count ? digits.prefix(digits.count / 4 * 4) : digits[...]) ?? []
        } else if encoding.equalsIgnoringASCIICase("quoted-printable") {
            decoded = quotedPrintableDecoded(raw)
        } else {
            decoded = Array(raw)
        }
        let text = isHTML ? withoutTags(decoded) : decoded
        return excerpt(collapsed(text, limit: ReceivedMessage.textLimit * 2), limit: ReceivedMessage.textLimit)
    }

    /// The parts between a multipart's boundary lines.
    private static func parts(of body: ArraySlice<UInt8>, boundary: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start: Int?
        var line = body.startIndex
        while line < body.endIndex, parts.count < 20 {
            let end = body[line...].firstIndex(of: 0x0A).map { $0 + 1 } ?? body.endIndex
            if body[line..<end].starts(with: boundary) {
                if let start { parts.append(body[start..<line]) }
                start = end
                if body[(line + boundary.count)..<end].starts(with: "--".utf8) { return parts }
            }
            line = end
        }
        if let start, start < body.endIndex { parts.append(body[start...]) }
        return parts
    }

    /// A parameter of a header value, without quotes.
    private static func parameter(_ name: String, of value: String) -> String? {
        for item in value.split(separator: ";").dropFirst() {
            guard let equals = item.firstIndex(of: "="), trimmed(item[..<equals]).equalsIgnoringASCIICase(name) else {
                continue
            }
            let text = trimmed(item[item.index(after: equals)...])
            return text.hasPrefix("\"") ? String(text.dropFirst().prefix { $0 != "\"" }) : String(text)
        }
        return nil
    }

    private static func hasPrefixFolded(_ text: String, _ prefix: String) -> Bool {
        text.prefix(prefix.count).equalsIgnoringASCIICase(prefix)
    }

    /// HTML without tags, comments, `head`, `style` and `script`, and with the five XML entities decoded.
    private static func withoutTags(_ html: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        var skipUntil: [UInt8]?
        while index < html.count {
            let byte = html[index]
            if byte == UInt8(ascii: "<") {
                let end = html[index...].firstIndex(of: UInt8(ascii: ">")) ?? html.count - 1
                let tag = html[(index + 1)...end].prefix { $0 != 0x20 && $0 != UInt8(ascii: ">") }.map(
                    \.asciiLowercased)
                if let wanted = skipUntil {
                    if tag == wanted { skipUntil = nil }
                } else if ["head", "style", "script", "title"].contains(where: { tag.elementsEqual($0.utf8) }) {
                    skipUntil = [UInt8(ascii: "/")] + tag
                }
                text.append(0x20)
                index = end + 1
            } else {
                if skipUntil == nil { text.append(byte) }
                index += 1
            }
        }
        return text
    }

    /// The text with each run of whitespace replaced by one space.
    private static func collapsed(_ text: [UInt8], limit: Int) -> [UInt8] {
        var result: [UInt8] = []
        for byte in text {
            let isBlank = byte <= 0x20
            if isBlank, result.isEmpty || result.last == 0x20 { continue }
            result.append(isBlank ? 0x20 : byte)
            if result.count >= limit { break }
        }
        if result.last == 0x20 { result.removeLast() }
        return result
    }
}

/// The unfolded header fields of an email or a part.
struct MailHeader {
    struct Field {
        let name: ArraySlice<UInt8>
        let text: String

        func isNamed(_ name: StaticString) -> Bool {
            name.withUTF8Buffer { wanted in
                self.name.count == wanted.count && zip(self.name, wanted).allSatisfy { $0.asciiLowercased == $1 }
            }
        }
    }

    /// The most fields that are read. Others are ignored.
    static let maxFields = 200

    private(set) var fields: [Field] = []
    /// The start of the body.
    private(set) var end: Int

    init(_ mail: ArraySlice<UInt8>) {
        var line = mail.startIndex
        end = mail.endIndex
        while line < mail.endIndex {
            var next = Self.endOfLine(mail, from: line)
            if mail[line] == 0x0A || (mail[line] == 0x0D && next - line == 2) {
                end = next
                return
            }
            while next < mail.endIndex, mail[next] == 0x20 || mail[next] == 0x09 {
                next = Self.endOfLine(mail, from: next)
            }
            if fields.count < Self.maxFields, let colon = mail[line..<next].firstIndex(of: UInt8(ascii: ":")) {
                let value = mail[(colon + 1)..<next].filter { $0 != 0x0D && $0 != 0x0A }
                let text = trimmed(String(decoding: value, as: UTF8.self)[...])
                fields.append(Field(name: mail[line..<colon], text: String(text)))
            }
            line = next
        }
    }

    /// The first field with this lower-case name.
    subscript(name: StaticString) -> String? {
        for field in fields where field.isNamed(name) { return field.text }
        return nil
    }

    private static func endOfLine(_ mail: ArraySlice<UInt8>, from start: Int) -> Int {
        mail[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? mail.endIndex
    }
}
