import Glibc

/// Reads and writes files without Foundation.
enum TextFile {
    /// Reads a whole file of at most `limit` bytes.
    static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
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
    static func readText(_ path: String, atMost limit: Int = 4 << 20) throws(FileError) -> String {
        guard let text = String(validating: try read(path, atMost: limit), as: UTF8.self) else {
            throw FileError("\(path) is not UTF-8 text; convert it, for example with iconv -t UTF-8.")
        }
        return text
    }

    /// The next bytes that a descriptor gives; nil at its end.
    static func readChunk(_ descriptor: Int32, named path: String, size: Int = 256 << 10) throws(FileError) -> [UInt8]?
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
    static func write(_ bytes: [UInt8], to descriptor: Int32, named path: String) throws(FileError) {
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
    static func replace(_ path: String, with text: String) throws(FileError) {
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
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes a folder for its owner only. Returns false when it cannot be made.
    static func makeFolder(_ path: String) -> Bool { mkdir(path, 0o700) == 0 || errno == EEXIST }

    /// Whether a folder is there under this path.
    static func isFolder(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }
}

/// A file that cannot be read or written.
struct FileError: Error, Hashable, CustomStringConvertible {
    /// A full sentence.
    var message: String
    /// True when there is no such file.
    var isMissing = false
    /// True when it is a pipe that nobody reads any more.
    var isUnread = false

    init(_ message: String) { self.message = message }

    init(_ verb: String, _ path: String, _ code: Int32) {
        let reason =
            switch code {
            case ENOENT: "there is no such file"
            case EACCES, EPERM: "permission denied"
            case EISDIR: "it is a folder"
            case ENOSPC, EDQUOT: "no space is left on its disk; free some and try again"
            default: String(cString: strerror(code))
            }
        message = "Cannot \(verb) \(path): \(reason)."
        isMissing = code == ENOENT
        isUnread = code == EPIPE
    }

    var description: String { message }
}
