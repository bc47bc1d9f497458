/// Why a time zone could not be loaded.
public enum ZoneError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name has the wrong form; nothing was looked up.
    case invalidName(String)
    case unknown(String, suggestion: String?)
    /// The file exists but is not a TZif file that RFC 8536 allows.
    case unreadable(String, path: String)
    /// The directory contains no time zone database.
    case noDatabase(path: String)

    public var description: String {
        switch self {
        case .invalidName(let name):
            "\"\(name.prefix(80))\" is not the form of a time zone name; write an IANA name such as Europe/Paris."
        case .unknown(let name, let suggestion):
            "There is no time zone \"\(name)\""
                + (suggestion.map { "; did you mean \($0)?" } ?? "; write an IANA name such as Europe/Paris.")
        case .unreadable(let name, let path):
            "The data of the time zone \(name) in \(path) is damaged; install the package tzdata again."
        case .noDatabase(let path):
            "There is no time zone database in \(path); install the package tzdata."
        }
    }
}
