#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that appears under its name only when it is complete and on the disk.
public final class DurableFile {
    /// The name that the file will have.
    public let path: String
    /// The name that it has until then.
    public let temporaryPath: String
    private let descriptor: Int32

    /// Begins a file. An unfinished one from an earlier run is replaced.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - mode: The permissions.
    /// - Throws: ``FileError`` when it cannot be created.
    public init(_ path: String, mode: UInt32 = 0o600) throws(FileError) {
        self.path = path
        temporaryPath = "\(path).new"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw FileError("write", temporaryPath, errno) }
    }

    deinit { close(descriptor) }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        try TextFile.write(bytes, to: descriptor, named: temporaryPath)
    }

    /// Gives the file its name, once its content is on the disk.
    public func finish() throws(FileError) {
        try sync()
        try Self.rename(temporaryPath, to: path)
    }

    /// Waits until the content is on the disk.
    public func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("write", temporaryPath, errno) }
    }

    /// Gives a file that is on the disk another name. The name is on the disk, too, when this returns.
    public static func rename(_ old: String, to path: String) throws(FileError) {
        guard systemRename(old, path) == 0 else { throw FileError("write", path, errno) }
        try sync(FilePath.folder(of: path))
    }

    /// Waits until a file or folder that another process has written is on the disk.
    public static func sync(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("write", path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("write", path, errno) }
    }
}

/// The system call, because ``DurableFile`` has a method with the same name.
private func systemRename(_ old: String, _ path: String) -> Int32 { rename(old, path) }
