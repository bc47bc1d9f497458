import Files
import Glibc

/// What a running server leaves in its data directory for commands: its address, and a key of this run. Who may read the
/// directory owns the database anyway; so its owner is never locked out by an API key.
public struct ServerMark: Sendable {
    private let path: String
    private let keyPath: String

    public init(directory: String) {
        path = "\(directory)/server.url"
        keyPath = "\(directory)/server.key"
    }

    /// The key of the server's run; nil where there is none or this user may not read it.
    public var ownerKey: String? {
        guard let text = try? TextFile.readText(keyPath, atMost: 1024), text.hasPrefix("sobre_") else { return nil }
        return text.split(separator: "\n").first.map(String.init)
    }

    /// The address of the server that owns the directory, if one runs. A stale one is harmless: nobody answers there.
    public var url: String? {
        guard let text = try? TextFile.readText(path, atMost: 1024), text.hasPrefix("http") else { return nil }
        return text.split(separator: "\n").first.map(String.init)
    }

    public func write(url: String, ownerKey: String) throws {
        try TextFile.replace(keyPath, with: ownerKey + "\n")
        try TextFile.replace(path, with: url + "\n")
    }

    public func remove() {
        unlink(path)
        unlink(keyPath)
    }
}
