import Glibc

/// A file that cannot be read or written.
public struct FileError: Error, Hashable, CustomStringConvertible {
    /// A full sentence.
    public var message: String
    /// True when there is no such file.
    public var isMissing = false
    /// True when it is a pipe that nobody reads any more.
    public var isUnread = false

    public init(_ message: String) { self.message = message }

    public init(_ verb: String, _ path: String, _ code: Int32) {
        let reason =
            switch code {
            case ENOENT: "there is no such file"
            case EACCES, EPERM: "permission denied"
            case EISDIR: "it is a folder"
            case ENOSPC, EDQUOT: "no space is left on its disk; free some and try again"
            default: String(cString: strerror(code))
            }
        message = "Cannot \(verb) \(path): \(reason)."
        isMissing = code == ENOENT
        isUnread = code == EPIPE
    }

    public var description: String { message }
}
