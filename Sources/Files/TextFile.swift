import Glibc

/// Reads and writes files without Foundation.
public enum TextFile {
    /// Reads a whole file of at most `limit` bytes.
    public static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("read", path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while let chunk = try readChunk(descriptor, named: path) {
            bytes += chunk
            guard bytes.count <= limit else {
                throw FileError("\(path) is larger than \(limit) bytes, the most that is taken here; split it.")
            }
        }
        return bytes
    }

    /// Reads a UTF-8 text.
    public static func readText(_ path: String, atMost limit: Int = 4 << 20) throws(FileError) -> String {
        guard let text = String(validating: try read(path, atMost: limit), as: UTF8.self) else {
            throw FileError("\(path) is not UTF-8 text; convert it, for example with iconv -t UTF-8.")
        }
        return text
    }

    /// The next bytes that a descriptor gives; nil at its end.
    public static func readChunk(_ descriptor: Int32, named path: String, size: Int = 256 << 10) throws(FileError)
        -> [UInt8]?
    {
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            var got: Int
            repeat { got = Glibc.read(descriptor, buffer.baseAddress, size) } while got < 0 && errno == EINTR
            if got < 0 { failure = errno }
            filled = max(got, 0)
        }
        guard failure == 0 else { throw FileError("read", path, failure) }
        return chunk.isEmpty ? nil : chunk
    }

    /// Writes all of the bytes, however few the system takes at once.
    public static func write(_ bytes: [UInt8], to descriptor: Int32, named path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError("write", path, errno) }
            written += count
        }
    }

    /// Writes a whole file at once: a reader sees the old text or the new one. Where that cannot be done, the old one
    /// stays and nothing else is left behind.
    public static func replace(_ path: String, with text: String) throws(FileError) {
        let fresh = "\(path).new"
        do throws(FileError) {
            let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw FileError("write", path, errno) }
            defer { close(descriptor) }
            try write(Array(text.utf8), to: descriptor, named: path)
            guard rename(fresh, path) == 0 else { throw FileError("write", path, errno) }
        } catch {
            unlink(fresh)
            throw error
        }
    }

    /// Whether something is there under this path.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes a folder for its owner only. Returns false when it cannot be made.
    public static func makeFolder(_ path: String) -> Bool { mkdir(path, 0o700) == 0 || errno == EEXIST }

    /// Whether a folder is there under this path.
    public static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }
}
