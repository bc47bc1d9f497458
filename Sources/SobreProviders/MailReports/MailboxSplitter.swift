/// Splits a stream of bytes into the emails of an mbox file (RFC 4155), or returns the one email that it is.
///
/// Of each email at most a number of bytes is kept; the rest is passed over.
public struct MailboxSplitter {
    private let maxBytes: Int
    private var mail: [UInt8] = []
    private var line: [UInt8] = []
    private var isMailbox: Bool?
    /// A separator follows an empty line, or begins the file.
    private var isAfterEmptyLine = true
    private var isTooLong = false

    /// - Parameter maxBytes: how much of each email is kept.
    public init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// Takes the next bytes.
    ///
    /// - Parameter chunk: bytes of the stream.
    /// - Returns: the emails that ended in them.
    public mutating func add(_ chunk: some Sequence<UInt8>) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for byte in chunk {
            if line.count >= Self.maxLine { keep() }
            line.append(byte)
            if byte == 0x0a, let mail = endLine() { found.append(mail) }
        }
        return found
    }

    /// The last email, at the end of the stream; nil if the stream was empty.
    public mutating func finish() -> [UInt8]? {
        // A separator without anything after it ends the last email too.
        endLine() ?? take()
    }

    /// Separators are shorter.
    private static let maxLine = 1_000

    private mutating func endLine() -> [UInt8]? {
        let isSeparator = !isTooLong && isAfterEmptyLine && isMailbox != false && Self.isSeparator(line)
        isAfterEmptyLine = !isTooLong && line.allSatisfy { $0 == 0x0a || $0 == 0x0d }
        if isMailbox == nil, !isAfterEmptyLine { isMailbox = isSeparator }
        guard isSeparator else {
            keep()
            isTooLong = false
            return nil
        }
        line.removeAll(keepingCapacity: true)
        return take()
    }

    /// Puts what is read of the line into the email.
    private mutating func keep() {
        isTooLong = true
        mail += line.prefix(max(0, maxBytes - mail.count))
        line.removeAll(keepingCapacity: true)
    }

    private mutating func take() -> [UInt8]? {
        defer { mail = [] }
        return mail.allSatisfy { $0 == 0x0a || $0 == 0x0d } ? nil : mail
    }

    /// `From ann@example.org Thu Jan  1 00:00:00 1998`. A sentence that begins with "From" has no time of day.
    private static func isSeparator(_ line: [UInt8]) -> Bool {
        guard line.starts(with: "From ".utf8) else { return false }
        let words = line.split { $0 == 0x20 || $0 == 0x0a || $0 == 0x0d }
        return words.count >= 6
            && words.contains {
                $0.count >= 5 && $0.count { $0 == UInt8(ascii: ":") } >= 1
                    && $0.first.map { (0x30...0x39).contains($0) } == true
            }
    }
}
