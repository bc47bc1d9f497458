internal import Files
internal import Glibc

/// Stores message bodies as files under `bodies/`, named by the number of their (first) row.
struct BodyStore: Sendable {
    private let directory: String

    /// Creates `bodies/` in a directory if it is missing.
    init(directory: String) throws(SandboxError) {
        self.directory = directory + "/bodies"
        try createDirectory(self.directory)
    }

    /// Writes one body and returns the file's name.
    func store(_ body: [UInt8], seq: Int, channel: ReceivedMessage.Channel) throws(SandboxError) -> String {
        let name = "\(seq).\(channel == .email ? "eml" : channel == .sms ? "form" : "json")"
        let path = directory + "/" + name
        do { try TextFile.create(path, with: body, mode: 0o644) } catch {
            throw .file(path: path, operation: "write to", errno: error.code)
        }
        return name
    }

    /// Reads at most `limit` bytes of a stored body. Blocks on the file.
    func read(_ name: String, limit: Int) throws(SandboxError) -> [UInt8] {
        let path = directory + "/" + name
        guard !name.contains("/") else { throw .file(path: path, operation: "open", errno: EINVAL) }
        do { return try TextFile.readStart(of: path, atMost: limit) } catch {
            throw .file(path: path, operation: "read", errno: error.code)
        }
    }

    /// Deletes all bodies.
    func removeAll() throws(SandboxError) {
        let names: [String]
        do { names = try Folder.names(in: directory) } catch {
            throw .file(path: directory, operation: "list", errno: error.code)
        }
        for name in names where unlink(directory + "/" + name) != 0 && errno != ENOENT {
            throw .file(path: directory + "/" + name, operation: "delete", errno: errno)
        }
    }
}
