/// Cuts a stream of newline-delimited JSON into blocks of whole lines, in bounded memory.
///
/// Append what arrives, take the whole lines there are, and ``finish()`` at the end. A line longer than
/// ``maxLineBytes`` is not kept: it comes out as one line that says so, cut to the bound and one byte.
public struct NDJSONBuffer: Sendable {
    /// The longest line in bytes.
    public let maxLineBytes: Int
    private var pending: [UInt8] = []
    private var nextLine = 1
    /// The rest of the present line is thrown away: what is kept of it suffices to call it too long.
    private var isSkipping = false

    /// Makes an empty buffer; `maxLineBytes` defaults to 1 MiB.
    public init(maxLineBytes: Int = 1 << 20) { self.maxLineBytes = maxLineBytes }

    /// Adds what arrived.
    public mutating func append(_ chunk: some Collection<UInt8>) {
        var rest = chunk[...]
        while !rest.isEmpty {
            let feed = rest.firstIndex(of: 0x0A)
            let line = rest[..<(feed ?? rest.endIndex)]
            appendPart(line)
            guard let feed else { return }
            pending.append(0x0A)
            lineStart = pending.count
            isSkipping = false
            rest = rest[rest.index(after: feed)...]
        }
    }

    private var lineStart = 0

    private mutating func appendPart(_ part: some Collection<UInt8>) {
        guard !isSkipping else { return }
        // One byte more than allowed, and one for a CR, is enough to see that the line is too long.
        let room = maxLineBytes + 2 - (pending.count - lineStart)
        pending.append(contentsOf: part.prefix(room))
        isSkipping = part.count > room
    }

    /// The whole lines that have arrived since the last call; nil if there are none.
    public mutating func takeLines() -> NDJSONLines? {
        guard lineStart > 0 else { return nil }
        let lines = NDJSONLines(Array(pending[..<lineStart]), firstLine: nextLine, maxLineBytes: maxLineBytes)
        nextLine += lines.bytes.lazy.count { $0 == 0x0A }
        pending.removeFirst(lineStart)
        lineStart = 0
        return lines
    }

    /// What is left at the end of the stream, whose last line may lack its line end; nil if there is nothing.
    public mutating func finish() -> NDJSONLines? {
        if pending.count > lineStart { append([0x0A]) }
        return takeLines()
    }

    /// The number of bytes that wait for their line's end or to be taken.
    public var count: Int { pending.count }
}
