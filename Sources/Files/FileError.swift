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
    /// The system's error number; 0 when the error is about the file's content.
    public var code: Int32 = 0

    /// An error about a file's content.
    public init(_ message: String) { self.message = message }

    /// An error from a failed system call.
    ///
    /// - Parameters:
    ///   - verb: what was attempted, for example `read`, `write` or `make`.
    ///   - path: the file or folder.
    ///   - code: the error number of the call.
    public init(_ verb: String, _ path: String, _ code: Int32) {
        message = "Cannot \(verb) \(path): \(Self.reason(code))."
        self.code = code
    }

    /// The meaning of an error number, for use in a sentence.
    public static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES, EPERM: "permission denied"
        case EISDIR: "it is a folder"
        case ENOSPC, EDQUOT: "no space is left on its disk; free some and try again"
        default: strerror(code).map { String(cString: $0) } ?? "error \(code)"
        }
    }

    /// True when the file or folder does not exist.
    public var isMissing: Bool { code == ENOENT }

    /// True when the reading end of a pipe was closed.
    public var isUnread: Bool { code == EPIPE }

    public var description: String { message }
}
