internal import Glibc

/// Splits an SMTP client's bytes into command lines and email content.
///
/// Content ends only with CRLF `.` CRLF (RFC 5321 §4.1.1.4). A bare line feed never ends it, so that no message can
/// smuggle in another. Memory is bounded: a command line by ``maxLineBytes``, the content by the number of bytes to
/// keep.
struct SMTPInput {
    /// The longest command line, including its end. RFC 5321 requires 512, AUTH 12,288 (RFC 4954 §4).
    static let maxLineBytes = 12_288

    /// The next input event.
    enum Event: Equatable {
        /// A command or an answer to an AUTH challenge, without its line end.
        case line([UInt8])
        /// A line that exceeds the limit. It has been skipped.
        case lineTooLong
        /// The end of the content.
        case endOfContent
    }

    /// The content as sent with dots unstuffed, up to the limit given to ``beginContent(keeping:)``.
    private(set) var content: [UInt8] = []
    /// The length of the whole content in bytes, including what is not kept.
    private(set) var contentLength = 0
    /// The number of line feeds without a preceding carriage return.
    private(set) var bareLineFeeds = 0

    private var buffer: [UInt8] = []
    private var position = 0
    private var readsContent = false
    private var isLineStart = true
    private var lastByte: UInt8 = 0
    private var keepLimit = 0
    private var skipsLine = false

    mutating func append(_ bytes: some Collection<UInt8>) {
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The number of bytes received but not processed.
    var backlog: Int { buffer.count - position }

    /// Whether content is being read.
    var isReadingContent: Bool { readsContent }

    /// Whether an incomplete command line has been received.
    var hasPartialLine: Bool { backlog > 0 }

    /// Starts reading content, of which at most `limit` bytes are kept.
    mutating func beginContent(keeping limit: Int) {
        readsContent = true
        isLineStart = true
        lastByte = 0
        content = []
        contentLength = 0
        bareLineFeeds = 0
        keepLimit = limit
    }

    /// Returns the content and clears it.
    mutating func takeContent() -> [UInt8] {
        defer { content = [] }
        return content
    }

    /// The next event, or nil if more bytes are needed.
    mutating func next() -> Event? { readsContent ? nextContent() : nextLine() }

    private mutating func nextLine() -> Event? {
        guard let feed = feed(from: position) else {
            if backlog > Self.maxLineBytes || skipsLine {
                skipsLine = true
                position = buffer.count
            }
            return nil
        }
        var line = buffer[position..<feed]
        let isTooLong = skipsLine || line.count >= Self.maxLineBytes
        position = feed + 1
        skipsLine = false
        if isTooLong { return .lineTooLong }
        if line.last == 0x0D { line.removeLast() }
        return .line(Array(line))
    }

    private mutating func nextContent() -> Event? {
        while position < buffer.count {
            if isLineStart, buffer[position] == UInt8(ascii: ".") {
                // A lone dot ends the content. Before anything else, a dot is stuffing. Three bytes decide.
                guard position + 1 < buffer.count else { return nil }
                if buffer[position + 1] == 0x0D {
                    guard position + 2 < buffer.count else { return nil }
                    if buffer[position + 2] == 0x0A {
                        position += 3
                        readsContent = false
                        return .endOfContent
                    }
                }
                position += 1
            }
            let feed = feed(from: position)
            let end = feed.map { $0 + 1 } ?? buffer.count
            keep(position..<end)
            if let feed {
                let before = feed > position ? buffer[feed - 1] : lastByte
                isLineStart = before == 0x0D
                if !isLineStart { bareLineFeeds += 1 }
            } else {
                isLineStart = false
            }
            lastByte = buffer[end - 1]
            position = end
        }
        return nil
    }

    private mutating func keep(_ range: Range<Int>) {
        contentLength += range.count
        let room = keepLimit - content.count
        if room > 0 { content.append(contentsOf: buffer[range].prefix(room)) }
    }

    private func feed(from start: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress,
                let found = memchr(base + start, 0x0A, bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
