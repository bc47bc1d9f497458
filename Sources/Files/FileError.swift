#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file or folder that cannot be read or written.
public struct FileError: Error, Hashable, CustomStringConvertible {
    /// A full sentence.
    public var message: String
    /// The system's error number; 0 when the file's content is at fault.
    public var code: Int32 = 0

    /// An error about a file's content.
    public init(_ message: String) { self.message = message }

    /// A call that failed.
    ///
    /// - Parameters:
    ///   - verb: what was to be done: `read`, `write`, `make`.
    ///   - path: the file or folder.
    ///   - code: the error number that the call left.
    public init(_ verb: String, _ path: String, _ code: Int32) {
        message = "Cannot \(verb) \(path): \(Self.reason(code))."
        self.code = code
    }

    /// What an error number means, for use within a sentence.
    public static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES, EPERM: "permission denied"
        case EISDIR: "it is a folder"
        case ENOSPC, EDQUOT: "no space is left on its disk; free some and try again"
        default: strerror(code).map { String(cString: $0) } ?? "error \(code)"
        }
    }

    /// True when there is no such file.
    public var isMissing: Bool { code == ENOENT }

    /// True when it is a pipe that nobody reads any more.
    public var isUnread: Bool { code == EPIPE }

    public var description: String { message }
}
