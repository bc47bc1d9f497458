import Files
import Text

/// A reference to a credential: `env:NAME` or `file:PATH`. Configuration holds references, never credentials.
public enum SecretReference: Hashable, Sendable, CustomStringConvertible {
    case environment(String)
    case file(String)

    /// Returns nil if the text is not a reference.
    public init?(_ text: String) {
        if text.hasPrefix("env:"), text.utf8.count > 4 {
            let name = String(text.dropFirst(4))
            guard name.utf8.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") }) else {
                return nil
            }
            self = .environment(name)
        } else if text.hasPrefix("file:"), text.utf8.count > 5 {
            self = .file(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }

    /// The same reference with an absolute path: a relative one begins at a folder.
    func resolved(from folder: String) -> SecretReference {
        switch self {
        case .environment: self
        case .file(let path): .file(FilePath.resolve(path, from: folder))
        }
    }

    public var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}
