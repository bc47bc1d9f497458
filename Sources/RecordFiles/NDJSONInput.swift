public import Files
public import JSON

/// Reads NDJSON from a file or standard input in blocks of whole lines, in bounded memory.
public final class NDJSONInput {
    private let file: InputFile
    private var buffer: NDJSONBuffer
    private var hasEnded = false

    /// - Parameters:
    ///   - path: a file, or `-` for standard input.
    ///   - maxLineBytes: longer lines are an error.
    /// - Throws: ``FileError`` when it cannot be opened.
    public init(_ path: String, maxLineBytes: Int) throws(FileError) {
        file = try InputFile(path)
        buffer = NDJSONBuffer(maxLineBytes: maxLineBytes)
    }

    /// Bytes of the file; nil for a pipe.
    public var size: Int? { file.size }

    /// Bytes read so far.
    public var position: Int { file.position }

    /// The next lines; nil at the end.
    public func next() throws(FileError) -> NDJSONLines? {
        while !hasEnded {
            guard let chunk = try file.next() else {
                hasEnded = true
                return buffer.finish()
            }
            buffer.append(chunk)
            if let lines = buffer.takeLines() { return lines }
        }
        return nil
    }
}
