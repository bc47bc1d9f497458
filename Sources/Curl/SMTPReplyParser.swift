/// Splits the server's bytes into replies.
struct SMTPReplyParser {
    /// The server sent something that is not SMTP, or more than the bounds allow.
    struct Malformed: Error, Equatable {}

    /// The longest line and the longest reply, in bytes. RFC 5321 §4.5.3.1.5 requires 512 per line.
    static let maxLineBytes = 4_096
    static let maxReplyBytes = 65_536

    private var buffer: [UInt8] = []
    private var start = 0
    private var code = 0
    private var text: [UInt8] = []
    private var replyBytes = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// The next complete reply; nil when more bytes are needed.
    mutating func next() throws(Malformed) -> SMTPReply? {
        while let newline = buffer[start...].firstIndex(of: 0x0A) {
            var line = buffer[start..<newline]
            start = newline + 1
            if line.last == 0x0D { line.removeLast() }
            if let reply = try accept(line) { return reply }
        }
        guard buffer.count - start <= Self.maxLineBytes else { throw Malformed() }
        return nil
    }

    private mutating func accept(_ line: ArraySlice<UInt8>) throws(Malformed) -> SMTPReply? {
        replyBytes += line.count
        guard line.count >= 3, line.count <= Self.maxLineBytes, replyBytes <= Self.maxReplyBytes else {
            throw Malformed()
        }
        var lineCode = 0
        for byte in line.prefix(3) {
            guard (0x30...0x39).contains(byte) else { throw Malformed() }
            lineCode = lineCode * 10 + Int(byte - 0x30)
        }
        let mark = line.dropFirst(3).first ?? 0x20
        guard (200...599).contains(lineCode), code == 0 || code == lineCode, mark == 0x20 || mark == UInt8(ascii: "-")
        else { throw Malformed() }
        code = lineCode
        if text.count < 1_024 {
            if !text.isEmpty { text.append(0x20) }
            text.append(contentsOf: line.dropFirst(4).prefix(1_024))
        }
        guard mark == 0x20 else { return nil }
        defer {
            code = 0
            replyBytes = 0
            text.removeAll(keepingCapacity: true)
        }
        return SMTPReply(code: lineCode, text: String(decoding: text.prefix(1_024), as: UTF8.self))
    }
}

extension SMTPReply {
    /// Splits the enhanced status off the text, in every line that repeats it.
    init(code: Int, text: String) {
        self.code = code
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        guard let first = words.first, Self.isEnhancedStatus(first, of: code) else {
            enhancedStatus = nil
            self.text = words.joined(separator: " ")
            return
        }
        enhancedStatus = String(first)
        self.text = words.filter { $0 != first }.joined(separator: " ")
    }

    /// Whether `word` has the form `class.subject.detail` with a class that agrees with the code (RFC 3463 §2, RFC
    /// 2034 §4).
    private static func isEnhancedStatus(_ word: Substring, of code: Int) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "\(code / 100)"
            && parts.dropFirst().allSatisfy {
                (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { $0 &- 0x30 < 10 }
            }
    }

    /// The server's id of the message it has just accepted, in the formats of the common servers.
    ///
    /// "queued as ID" (Postfix), "id=ID" (Exim), "[InternalId=ID, …]" (Exchange), "ID Message accepted for delivery"
    /// (Sendmail), "Ok ID" (SES, Gmail).
    var queueID: String? {
        let words = text.split(separator: " ")
        func clean(_ word: Substring) -> String? {
            let trimmed = word.drop { "<([\"'".contains($0) }
            let end = trimmed.lastIndex { !">)].,;\"'".contains($0) }
            return end.map { String(trimmed[...$0]) }
        }
        for (index, word) in words.enumerated() {
            let lower = word.lowercased()
            if lower == "as", index > 0, words[index - 1].lowercased() == "queued", index + 1 < words.count {
                return clean(words[index + 1])
            }
            for mark in ["id=", "[internalid="] where lower.hasPrefix(mark) { return clean(word.dropFirst(mark.count)) }
            if lower == "message", index == 1, words.count > 2, words[2].lowercased() == "accepted" {
                return clean(words[0])
            }
        }
        let isOnlyID = words.count >= 2 && words[0].lowercased() == "ok" && words[1].utf8.count >= 10
        return isOnlyID ? clean(words[1]) : nil
    }
}
