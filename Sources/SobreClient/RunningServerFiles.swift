import Files
import Glibc

/// The files that a running server writes into its data directory for commands: its address, and a key for this run.
/// Anyone who can read the directory owns the database anyway, so its owner is never locked out by API keys.
public struct RunningServerFiles: Sendable {
    private let path: String
    private let keyPath: String

    public init(directory: String) {
        path = "\(directory)/server.url"
        keyPath = "\(directory)/server.key"
    }

    /// The key of the server's run; nil if there is none or this user may not read it.
    public var ownerKey: String? {
        guard let text = try? TextFile.readText(keyPath, atMost: 1024), text.hasPrefix("sobre_") else { return nil }
        return text.split(separator: "\n").first.map(String.init)
    }

    /// The address of the server that owns the directory; nil if there is no mark. A stale mark is harmless, because
    /// nothing listens at its address.
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
