import SobreSettings
public import SobreStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension Author {
    /// The author of the changes of a command: the user of this process; behind sudo, the one who called it.
    ///
    /// - Parameter note: why, in the user's words; nil: nothing is said.
    /// - Returns: the author, `command:` and the user's name.
    public static func command(note: String? = nil) -> Author {
        let caller = Environment.process["SUDO_USER"].flatMap { $0.isEmpty ? nil : $0 }
        let user = caller ?? getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
        return Author(name: "command:\(user ?? "\(getuid())")", note: note ?? "")
    }
}
