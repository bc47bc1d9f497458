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
        return text.withUnsafeBytes {
            SMTPReply(code: lineCode, bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(1_024)))
        }
    }
}
