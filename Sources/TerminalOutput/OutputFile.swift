public import Files
public import Glibc

/// What a command writes piece by piece: a new file, or standard output. The file is closed with the last reference.
public final class OutputFile: Sendable {
    /// The path; `-` for standard output.
    public let name: String
    private let descriptor: Int32

    public var isStandardOutput: Bool { descriptor == STDOUT_FILENO }

    /// - Parameters:
    ///   - path: the file, which is made anew; `-` for standard output.
    ///   - mode: who may do what with a new file.
    /// - Throws: when the file cannot be made.
    public init(_ path: String, mode: mode_t) throws(FileError) {
        name = path
        descriptor = path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError("write", path, errno) }
    }

    deinit { if !isStandardOutput { close(descriptor) } }

    /// Writes all of the bytes. Like ``Console`` it ends the process quietly when nobody reads standard output any more.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        guard !isStandardOutput else { return Console.print(bytes: bytes) }
        try TextFile.write(bytes, to: descriptor, named: name)
    }
}
