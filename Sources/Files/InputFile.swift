#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file or standard input, read in chunks. Closed when the last reference is released.
public final class InputFile {
    /// The name for messages: the path, or `standard input`.
    public let name: String
    /// The size of the file in bytes; nil for a pipe.
    public let size: Int?
    /// The number of bytes read so far.
    public private(set) var position = 0
    private let descriptor: Int32

    /// Opens a file, or standard input for `-`.
    public init(_ path: String) throws(FileError) {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        let failure = errno
        var info = stat()
        let isKnown = fstat(descriptor, &info) == 0
        size = isKnown && info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : nil
        guard descriptor >= 0 else { throw FileError("read", path, failure) }
        guard !isKnown || info.st_mode & S_IFMT != S_IFDIR else { throw FileError("read", path, EISDIR) }
    }

    deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

    /// The next chunk; nil at the end.
    public func next() throws(FileError) -> [UInt8]? {
        guard let chunk = try TextFile.readChunk(descriptor, named: name) else { return nil }
        position += chunk.count
        return chunk
    }

    /// The rest of the file as UTF-8 text of at most `limit` bytes.
    public func readText(atMost limit: Int) throws(FileError) -> String {
        var bytes: [UInt8] = []
        while let chunk = try next() {
            bytes += chunk
            guard bytes.count <= limit else {
                throw FileError("\(name) is larger than the limit of \(limit) bytes.")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileError("\(name) is not UTF-8 text; convert it, for example with iconv -t UTF-8.")
        }
        return text
    }
}
