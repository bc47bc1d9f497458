import Files

/// A new folder that is deleted, with everything in it, when the last reference is released.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() {
        guard let path = try? Folder.makeTemporary("/tmp/sobre-test") else {
            preconditionFailure("no temporary folder can be made")
        }
        self.path = path
    }

    deinit { Folder.remove(path) }
}
