import Files
import Glibc
import JSON

/// Reads NDJSON from a file or standard input in blocks of whole lines, in bounded memory.
final class LineFeed {
    /// Shown in messages: the path, or `standard input`.
    let name: String
    /// Bytes of the file; nil for a pipe.
    let size: Int?
    /// Bytes read so far.
    private(set) var position = 0
    private let descriptor: Int32
    private var buffer: NDJSONBuffer
    private var hasEnded = false

    /// - Parameters:
    ///   - path: a file, or `-` for standard input.
    ///   - maxLineBytes: longer lines are an error.
    /// - Throws: ``FileError`` when it cannot be opened.
    init(_ path: String, maxLineBytes: Int) throws(FileError) {
        name = path == "-" ? "standard input" : path
        let isFolder = path != "-" && TextFile.isFolder(path)
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        let failure = errno
        buffer = NDJSONBuffer(maxLineBytes: maxLineBytes)
        var info = stat()
        let isFile = fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
        size = isFile ? Int(info.st_size) : nil
        guard descriptor >= 0 else { throw FileError("read", path, failure) }
        guard !isFolder else { throw FileError("read", path, EISDIR) }
    }

    deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

    /// The next lines; nil at the end.
    func next() throws(FileError) -> NDJSONLines? {
        while !hasEnded {
            guard let chunk = try TextFile.readChunk(descriptor, named: name) else {
                hasEnded = true
                return buffer.finish()
            }
            position += chunk.count
            buffer.append(chunk)
            if let lines = buffer.takeLines() { return lines }
        }
        return nil
    }
}
