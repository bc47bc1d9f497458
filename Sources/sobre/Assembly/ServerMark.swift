import Glibc

/// The file in the data directory that names the running server's address, so that commands find it.
struct ServerMark {
    let path: String

    init(directory: String) { path = "\(directory)/server.url" }

    /// The address of the server that owns the directory, if one runs. A stale one is harmless: nobody answers there.
    var url: String? {
        guard let text = try? TextFile.readText(path, atMost: 1024), text.hasPrefix("http") else { return nil }
        return text.split(separator: "\n").first.map(String.init)
    }

    func write(url: String) throws { try Self.replace(path, with: url + "\n") }

    func remove() { unlink(path) }

    /// Writes a whole file at once: a reader sees the old text or the new one.
    static func replace(_ path: String, with text: String) throws {
        let fresh = "\(path).new"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else {
            throw SettingsError("\(path) cannot be written: \(String(cString: strerror(errno))).")
        }
        let bytes = Array(text.utf8)
        let count = Glibc.write(descriptor, bytes, bytes.count)
        close(descriptor)
        guard count == bytes.count, rename(fresh, path) == 0 else {
            throw SettingsError("\(path) cannot be written: \(String(cString: strerror(errno))).")
        }
    }
}
