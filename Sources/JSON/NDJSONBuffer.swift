#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Splits a stream of newline-delimited JSON into blocks of whole lines, in bounded memory.
///
/// Append the data as it arrives, take the available whole lines, and call ``finish()`` at the end. A line longer
/// than ``maxLineBytes`` is not kept in full. It is returned as a line marked as too long, truncated to the bound
/// plus one byte.
public struct NDJSONBuffer: Sendable {
    /// The longest line in bytes.
    public let maxLineBytes: Int
    private var pending: [UInt8] = []
    private var nextLine = 1
    /// Whether the rest of the current line is discarded. The kept part is enough to report it as too long.
    private var isSkipping = false

    /// Makes an empty buffer; `maxLineBytes` defaults to 1 MiB.
    public init(maxLineBytes: Int = 1 << 20) { self.maxLineBytes = maxLineBytes }

    /// Appends a chunk of the stream.
    public mutating func append(_ chunk: [UInt8]) { chunk.withUnsafeBytes { append($0) } }

    /// Appends a chunk of the stream.
    public mutating func append(_ chunk: some Collection<UInt8>) {
        // A non-contiguous collection is copied once, because searching it for line ends would be slower.
        if chunk.withContiguousStorageIfAvailable({ append(UnsafeRawBufferPointer($0)) }) == nil {
            append(Array(chunk))
        }
    }

    /// The pointer is borrowed from the caller for the duration of the call and is not kept.
    private mutating func append(_ chunk: UnsafeRawBufferPointer) {
        var start = 0
        while start < chunk.count {
            let rest = UnsafeRawBufferPointer(rebasing: chunk[start...])
            // `memchr` examines many bytes at a time.
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
        // One byte over the limit, plus one for a CR, is enough to see that the line is too long.
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

    /// The rest at the end of the stream, whose last line may lack its line end; nil if there is nothing.
    public mutating func finish() -> NDJSONLines? {
        if pending.count > lineStart { append([0x0A]) }
        return takeLines()
    }

    /// The number of bytes that wait for a line end or to be taken.
    public var count: Int { pending.count }
}
