internal import Glibc

/// Keeps the bodies of messages as files under `bodies/`, named by the number of their (first) row.
struct BodyStore: Sendable {
    private let directory: String

    /// Creates `bodies/` in a directory when it is missing.
    init(directory: String) throws(SandboxError) {
        self.directory = directory + "/bodies"
        try createDirectory(self.directory)
    }

    /// Writes one body and returns the file's name.
    func store(_ body: [UInt8], seq: Int, channel: ReceivedMessage.Channel) throws(SandboxError) -> String {
        let name = "\(seq).\(channel == .email ? "eml" : channel == .sms ? "form" : "json")"
        let path = directory + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .file(path: path, operation: "create", errno: errno) }
        defer { close(descriptor) }
        var written = 0
        while written < body.count {
            let got = body.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw .file(path: path, operation: "write to", errno: errno) }
            written += got
        }
        return name
    }

    /// Reads a body back, at most `limit` bytes of it. Blocks on the file.
    func read(_ name: String, limit: Int) throws(SandboxError) -> [UInt8] {
        let path = directory + "/" + name
        guard !name.contains("/") else { throw .file(path: path, operation: "open", errno: EINVAL) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, operation: "open", errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .file(path: path, operation: "inspect", errno: errno) }
        return try readBytes(descriptor, path: path, at: 0, count: min(limit, Int(status.st_size)))
    }

    /// Deletes all bodies.
    func removeAll() throws(SandboxError) {
        guard let stream = opendir(directory) else { throw .file(path: directory, operation: "list", errno: errno) }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                // d_name is a NUL-terminated C array inside the entry, valid until the next readdir.
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            if unlink(directory + "/" + name) != 0, errno != ENOENT {
                throw .file(path: directory + "/" + name, operation: "delete", errno: errno)
            }
        }
    }
}
