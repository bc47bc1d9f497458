/// Reading a reply's words as bytes: every mail brings several replies, and splitting strings took longer than sending
/// the commands.
extension SMTPReply {
    init(code: Int, text: String) {
        var text = text
        self = text.withUTF8 { SMTPReply(code: code, bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Splits the enhanced status off the text, in every line that repeats it.
    init(code: Int, bytes: UnsafeRawBufferPointer) {
        self.code = code
        var words = bytes.split(separator: UInt8(ascii: " ")).makeIterator()
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var status: Slice<UnsafeRawBufferPointer>?
        if let first = words.next() {
            if Self.isEnhancedStatus(first, of: code) { status = first } else { text.append(contentsOf: first) }
        }
        while let word = words.next() {
            if let status, word.elementsEqual(status) { continue }
            if !text.isEmpty { text.append(UInt8(ascii: " ")) }
            text.append(contentsOf: word)
        }
        enhancedStatus = status.map { String(decoding: $0, as: UTF8.self) }
        self.text = String(decoding: text, as: UTF8.self)
    }

    /// Whether `word` has the form `class.subject.detail` with a class that agrees with the code (RFC 3463 §2, RFC
    /// 2034 §4).
    private static func isEnhancedStatus(_ word: Slice<UnsafeRawBufferPointer>, of code: Int) -> Bool {
        guard (5...9).contains(word.count), word.first == UInt8(ascii: "0") + UInt8(code / 100 % 10) else {
            return false
        }
        var digits = [0, 0, 0]
        var part = 0
        for byte in word {
            if byte == UInt8(ascii: ".") {
                part += 1
                guard part < 3 else { return false }
            } else if byte &- UInt8(ascii: "0") < 10 {
                digits[part] += 1
            } else {
                return false
            }
        }
        return digits[0] == 1 && (1...3).contains(digits[1]) && (1...3).contains(digits[2])
    }

    /// The server's id of the message it has just accepted, in the formats of the common servers.
    ///
    /// "queued as ID" (Postfix), "id=ID" (Exim), "[InternalId=ID, …]" (Exchange), "ID Message accepted for delivery"
    /// (Sendmail), "Ok ID" (SES, Gmail).
    var queueID: String? {
        let words = text.utf8.split(separator: UInt8(ascii: " "))
        for (index, word) in words.enumerated() {
            if Self.isWord(word, "as"), index > 0, Self.isWord(words[index - 1], "queued"), index + 1 < words.count {
                return Self.withoutMarks(words[index + 1])
            }
            for mark in ["id=", "[internalid="] where Self.begins(word, with: mark) {
                return Self.withoutMarks(word.dropFirst(mark.utf8.count))
            }
            if index == 1, Self.isWord(word, "message"), words.count > 2, Self.isWord(words[2], "accepted") {
                return Self.withoutMarks(words[0])
            }
        }
        let isOnlyID = words.count >= 2 && Self.isWord(words[0], "ok") && words[1].count >= 10
        return isOnlyID ? Self.withoutMarks(words[1]) : nil
    }

    /// The word without the brackets and punctuation around it; nil if nothing else is in it.
    private static func withoutMarks(_ word: Substring.UTF8View) -> String? {
        let trimmed = word.drop { opening.contains($0) }
        return trimmed.lastIndex { !closing.contains($0) }.flatMap { String(trimmed[...$0]) }
    }

    private static let opening = Array("<([\"'".utf8)
    private static let closing = Array(">)].,;\"'".utf8)

    private static func isWord(_ word: Substring.UTF8View, _ lowercase: String) -> Bool {
        word.count == lowercase.utf8.count && begins(word, with: lowercase)
    }

    private static func begins(_ word: Substring.UTF8View, with lowercase: String) -> Bool {
        word.count >= lowercase.utf8.count
            && zip(word, lowercase.utf8).allSatisfy { $0 == $1 || $0 | 0x20 == $1 && $1 >= UInt8(ascii: "a") }
    }
}
