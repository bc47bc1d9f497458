internal import Signing
internal import SobreModel
internal import Text

/// Writes the header of an email: folded lines, encoded words, quoted names (RFC 5322 §2.2.3, RFC 2047, RFC 2231).
///
/// Lines are folded at 78 characters where possible, lines with encoded words at 76, and no line exceeds 998. The
/// output is ASCII with CRLF line ends; other bytes are encoded. The one exception is the local part of an address,
/// for which there is no encoding (RFC 6532).
struct MailHeaderWriter {
    static let softLimit = 78
    static let encodedLineLimit = 76
    /// An encoded word has at most 75 octets, including 12 for `=?UTF-8?B?` and `?=`.
    static let maxEncodedText = 75 - 12
    /// A longer word, with the spaces before it, is written as encoded words, which can be folded.
    static let maxUnbroken = 900

    private(set) var bytes: [UInt8]
    private var lineStart: Int

    init(bytes: [UInt8]) {
        self.bytes = bytes
        lineStart = bytes.count
    }

    private var column: Int { bytes.count - lineStart }

    /// Writes a header whose value is readable text, such as a subject.
    mutating func text(_ name: String, _ value: String) {
        begin(name)
        if Self.needsEncoding(value) { encodedWords(value) } else { foldedText(value) }
        end()
    }

    /// Writes a header with an ASCII value that cannot be folded, such as a message id or a URL in angle brackets.
    mutating func plain(_ name: String, _ value: String) {
        begin(name)
        fold(before: value.utf8.count)
        append(value)
        end()
    }

    /// Writes a header with one mailbox: `"Name" <address>` or only the address.
    mutating func mailbox(_ name: String, _ mailbox: Mailbox) {
        begin(name)
        let address = MailAddressGrammar.wire(mailbox.address)
        if let shown = mailbox.name, !shown.isEmpty {
            phrase(shown)
            fold(before: address.utf8.count + 3)
            append(column == 1 ? "<" : " <")
            append(address)
            append(">")
        } else {
            fold(before: address.utf8.count)
            append(address)
        }
        end()
    }

    /// Starts a header to which ``parameter(_:_:)`` adds parameters.
    mutating func begin(_ name: String) {
        lineStart = bytes.count
        append(name)
        append(": ")
    }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func end() {
        bytes.append(0x0d)
        bytes.append(0x0a)
        lineStart = bytes.count
    }

    /// Writes `; name="value"`, or the form of RFC 2231 with continuations if the value is not short plain ASCII.
    mutating func parameter(_ name: String, _ value: String) {
        let plain = value.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && value.utf8.count <= 60
        if plain {
            bytes.append(UInt8(ascii: ";"))
            fold(before: value.utf8.count + name.utf8.count + 4)
            if column > 1 { append(" ") }
            append("\(name)=")
            quoted(value)
            return
        }
        let pieces = Self.percentEncodedPieces(value, limit: 60 - name.utf8.count)
        for (index, piece) in pieces.enumerated() {
            append(";\r\n ")
            lineStart = bytes.count - 1
            append(name)
            append(pieces.count == 1 ? "*=" : "*\(index)*=")
            if index == 0 { append("UTF-8''") }
            append(piece)
        }
    }

    // MARK: - Pieces

    /// Starts a new line if the next `count` characters do not fit on this one.
    private mutating func fold(before count: Int) {
        guard column > 1, column + count > Self.softLimit else { return }
        if bytes.last == 0x20 { bytes.removeLast() }
        append("\r\n ")
        lineStart = bytes.count - 1
    }

    /// Folds plain ASCII at its spaces, which are kept.
    private mutating func foldedText(_ value: String) {
        var rest = Array(value.utf8)[...]
        while rest.last == 0x20 { rest.removeLast() }
        while rest.first == 0x20 { rest.removeFirst() }
        var isFirst = true
        while !rest.isEmpty {
            let word = rest.firstIndex { $0 != 0x20 } ?? rest.endIndex
            let end = rest[word...].firstIndex(of: 0x20) ?? rest.endIndex
            if !isFirst, column + (end - rest.startIndex) > Self.softLimit {
                bytes.append(0x0d)
                bytes.append(0x0a)
                lineStart = bytes.count
            }
            bytes.append(contentsOf: rest[..<end])
            rest = rest[end...]
            isFirst = false
        }
    }

    /// Writes a display name: unchanged if it consists of atoms, else quoted, else encoded.
    private mutating func phrase(_ name: String) {
        if Self.needsEncoding(name) || name.utf8.count > 66 { return encodedWords(name) }
        fold(before: name.utf8.count + 2)
        let isAtoms =
            name.utf8.allSatisfy { MailAddressGrammar.atomText.contains($0) || $0 == 0x20 }
            && name.utf8.first != 0x20 && name.utf8.last != 0x20
        if isAtoms { append(name) } else { quoted(name) }
    }

    private mutating func quoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether text must be written as encoded words: it contains something other than printable ASCII, text that
    /// looks like an encoded word, or a run that cannot be folded.
    static func needsEncoding(_ text: String) -> Bool {
        var run = 0
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte < 0x20 || byte >= 0x7f { return true }
            if previous == UInt8(ascii: "="), byte == UInt8(ascii: "?") { return true }
            // A line can be folded only where spaces begin, and these go with the word after them.
            if byte == 0x20, previous != 0x20 { run = 0 }
            run += 1
            if run > maxUnbroken { return true }
            previous = byte
        }
        return false
    }

    /// Writes encoded words, one per line. No word ends inside a character.
    private mutating func encodedWords(_ value: String) {
        let text = Array(value.utf8)
        let quotedLength = text.reduce(0) { $0 + (Self.isSafeInWord($1) || $1 == 0x20 ? 1 : 3) }
        let usesQuoted = quotedLength <= (text.count + 2) / 3 * 4
        var start = 0
        while start < text.count {
            var room = Self.encodedLineLimit - column - 12
            if room < 16 {
                if bytes.last == 0x20 { bytes.removeLast() }
                append("\r\n ")
                lineStart = bytes.count - 1
                room = Self.encodedLineLimit - 1 - 12
            }
            room = min(room, Self.maxEncodedText)
            var end = start
            var used = 0
            while end < text.count {
                let length = Self.sequenceLength(text, at: end)
                let cost =
                    usesQuoted
                    ? text[end..<(end + length)].reduce(0) { $0 + (Self.isSafeInWord($1) || $1 == 0x20 ? 1 : 3) }
                    : length
                if used + cost > (usesQuoted ? room : room / 4 * 3) { break }
                used += cost
                end += length
            }
            append(usesQuoted ? "=?UTF-8?Q?" : "=?UTF-8?B?")
            if usesQuoted { quotedText(text[start..<end]) } else { append(Base64.encode(Array(text[start..<end]))) }
            append("?=")
            start = end
            if start < text.count {
                append("\r\n ")
                lineStart = bytes.count - 1
            }
        }
    }

    private mutating func quotedText(_ text: ArraySlice<UInt8>) {
        for byte in text {
            if byte == 0x20 {
                bytes.append(UInt8(ascii: "_"))
            } else if Self.isSafeInWord(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "="))
                bytes.append((byte >> 4).hexadecimalDigit)
                bytes.append((byte & 15).hexadecimalDigit)
            }
        }
    }

    /// Whether RFC 2047 §5(3) allows the byte in an encoded word of a phrase, the strictest place.
    private static func isSafeInWord(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "*")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
    }

    /// The length of the character at an index. Swift's strings are valid UTF-8, so the first byte determines it.
    private static func sequenceLength(_ text: [UInt8], at index: Int) -> Int {
        let byte = text[index]
        let length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
        return min(length, text.count - index)
    }

    private static let parameterText = ASCIISet.alphanumerics.union(ASCIISet("-._"))

    /// Percent-encoded text (RFC 2231 §4) in pieces of at most `limit` characters. No piece splits an escape.
    private static func percentEncodedPieces(_ value: String, limit: Int) -> [String] {
        var pieces = [""]
        for byte in value.utf8 {
            var escaped: [UInt8] = []
            PercentEncoding.append(CollectionOfOne(byte), keeping: parameterText, to: &escaped)
            let text = String(decoding: escaped, as: UTF8.self)
            if pieces[pieces.count - 1].utf8.count + text.utf8.count > limit { pieces.append("") }
            pieces[pieces.count - 1] += text
        }
        return pieces
    }

    /// Text as encoded words separated by single spaces, for values outside of emails that we build.
    static func unfoldedWords(_ value: String) -> [UInt8] {
        var writer = MailHeaderWriter(bytes: [])
        writer.encodedWords(value)
        return writer.bytes.filter { $0 != 0x0d && $0 != 0x0a }
    }

    /// A mailbox on one line, for the same purpose.
    static func unfoldedMailbox(_ mailbox: Mailbox) -> [UInt8] {
        var writer = MailHeaderWriter(bytes: [])
        writer.mailbox("", mailbox)
        return writer.bytes.drop { $0 == UInt8(ascii: ":") || $0 == 0x20 }.filter { $0 != 0x0d && $0 != 0x0a }
    }

    /// Returns the buffer, to which the body is appended.
    consuming func take() -> [UInt8] { bytes }
}
