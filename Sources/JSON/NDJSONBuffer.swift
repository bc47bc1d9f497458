#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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
    public mutating func append(_ chunk: [UInt8]) { chunk.withUnsafeBytes { append($0) } }

    /// Adds what arrived.
    public mutating func append(_ chunk: some Collection<UInt8>) {
        // Copied once where it is not in one piece: looking for line ends in a foreign collection is slower than that.
        if chunk.withContiguousStorageIfAvailable({ append(UnsafeRawBufferPointer($0)) }) == nil {
            append(Array(chunk))
        }
    }

    /// The pointer is borrowed from the caller for the length of the call and not kept.
    private mutating func append(_ chunk: UnsafeRawBufferPointer) {
        var start = 0
        while start < chunk.count {
            let rest = UnsafeRawBufferPointer(rebasing: chunk[start...])
            // `memchr` looks at many bytes at a time.
            let feed = memchr(rest.baseAddress!, 0x0A, rest.count).map {
                $0 - UnsafeMutableRawPointer(mutating: rest.baseAddress!)
            }
            appendPart(UnsafeRawBufferPointer(rebasing: rest[..<(feed ?? rest.count)]))
            guard let feed else { return }
            pending.append(0x0A)
            lineStart = pending.count
            isSkipping = false
            start += feed + 1
        }
    }

    private var lineStart = 0

    private mutating func appendPart(_ part: UnsafeRawBufferPointer) {
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
