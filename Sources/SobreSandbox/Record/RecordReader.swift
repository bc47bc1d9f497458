internal import Glibc

/// Reads the lines of a record file in order, one block at a time, so that memory does not grow with the file.
///
/// Uses `pread`, so that it can share a descriptor with the writer.
struct RecordReader {
    /// A line without its line feed, and its position in the file.
    struct Line {
        let offset: Int
        let bytes: ArraySlice<UInt8>
    }

    /// The longest line. Rows are far shorter.
    static let maxLineBytes = 1 << 20

    private let descriptor: Int32
    private let path: String
    private let end: Int
    private var blockOffset: Int
    private var block: [UInt8] = []
    private var position = 0

    /// Reads from `offset` to `end`.
    init(descriptor: Int32, path: String, from offset: Int = 0, to end: Int) {
        self.descriptor = descriptor
        self.path = path
        self.end = end
        blockOffset = offset
    }

    /// The next line that ends with a line feed; nil at the end or if only an incomplete line is left.
    mutating func next() throws(SandboxError) -> Line? {
        var scanned = position
        while true {
            if let feed = block[scanned...].firstIndex(of: 0x0A) {
                let line = Line(offset: blockOffset + position, bytes: block[position..<feed])
                position = feed + 1
                return line
            }
            let kept = block.count - position
            guard kept <= Self.maxLineBytes else {
                throw .file(path: path, operation: "find the end of a line in", errno: EFBIG)
            }
            guard try readBlock() else { return nil }
            scanned = kept
        }
    }

    /// The position after the last complete line.
    var endOfLines: Int { blockOffset + position }

    /// Moves the rest of the block to its front and appends the next block. Returns false at the end.
    private mutating func readBlock() throws(SandboxError) -> Bool {
        block.removeFirst(position)
        blockOffset += position
        position = 0
        let start = blockOffset + block.count
        let wanted = min(1 << 18, end - start)
        guard wanted > 0 else { return false }
        let bytes = try readBytes(descriptor, path: path, at: start, count: wanted)
        block.append(contentsOf: bytes)
        return !bytes.isEmpty
    }
}

/// Reads up to `count` bytes at an offset; fewer only at the end of the file.
func readBytes(_ descriptor: Int32, path: String, at offset: Int, count: Int) throws(SandboxError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
            let got = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
            if got < 0, errno == EINTR { continue }
            if got < 0 { failure = errno }
            if got <= 0 { break }
            filled += got
        }
    }
    if failure != 0 { throw .file(path: path, operation: "read", errno: failure) }
    return bytes
}
