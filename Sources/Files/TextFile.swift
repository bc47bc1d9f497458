#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads and writes files without Foundation, which takes 70 ms and 44 MB on first use.
public enum TextFile {
    /// Reads a whole file of at most `limit` bytes.
    public static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        let bytes = try readStart(of: path, atMost: limit == .max ? limit : limit + 1)
        guard bytes.count <= limit else {
            throw FileError("\(path) is larger than the limit of \(limit) bytes; split it.")
        }
        return bytes
    }

    /// Reads at most the first `limit` bytes of a file.
    public static func readStart(of path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("read", path, errno) }
        defer { close(descriptor) }
        // Most files are small. Asking for one byte more than the size finds the end with a single read.
        var info = stat()
        let size = fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : 0
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let expected = size > 0 && size >= bytes.count ? size + 1 - bytes.count : 64 << 10
            let wanted = min(limit - bytes.count, expected, 1 << 20)
            guard let chunk = try readChunk(descriptor, named: path, size: wanted) else { break }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        return bytes
    }

    /// Reads a file as UTF-8 text.
    public static func readText(_ path: String, atMost limit: Int = 4 << 20) throws(FileError) -> String {
        guard let text = String(validating: try read(path, atMost: limit), as: UTF8.self) else {
            throw FileError("\(path) is not UTF-8 text; convert it, for example with iconv -t UTF-8.")
        }
        return text
    }

    /// The next bytes of a descriptor; nil at the end.
    public static func readChunk(
        _ descriptor: Int32, named path: String, size: Int = 256 << 10
    ) throws(FileError) -> [UInt8]? {
        var failure: Int32 = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            var got: Int
            repeat { got = systemRead(descriptor, buffer.baseAddress, size) } while got < 0 && errno == EINTR
            if got < 0 { failure = errno }
            filled = max(got, 0)
        }
        guard failure == 0 else { throw FileError("read", path, failure) }
        return chunk.isEmpty ? nil : chunk
    }

    /// Writes all bytes, with as many calls as needed.
    public static func write(_ bytes: [UInt8], to descriptor: Int32, named path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress! + written, $0.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError("write", path, errno) }
            written += count
        }
    }

    /// Creates a file or truncates an existing one, and writes it. If this fails, the file may be incomplete.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - bytes: its content.
    ///   - mode: the permissions of a new file.
    /// - Throws: ``FileError`` when the file cannot be created or written.
    public static func create(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw FileError("write", path, errno) }
        defer { close(descriptor) }
        try write(bytes, to: descriptor, named: path)
    }

    /// Replaces a file atomically. Readers see either the old text or the new one. If this fails, the old file stays,
    /// and no temporary file is left.
    public static func replace(_ path: String, with text: String) throws(FileError) {
        let fresh = "\(path).new"
        do throws(FileError) {
            try create(fresh, with: Array(text.utf8))
            guard rename(fresh, path) == 0 else { throw FileError("write", path, errno) }
        } catch {
            unlink(fresh)
            throw FileError("write", path, error.code)
        }
    }

    /// Whether something exists at this path.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Removes a file. Returns false when it cannot be removed.
    public static func remove(_ path: String) -> Bool { unlink(path) == 0 }
}

/// The system calls, because ``TextFile`` has methods with the same names.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}
