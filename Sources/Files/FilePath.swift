import Glibc

/// Puts paths together as text.
public enum FilePath {
    /// The path, taken from `folder` when it is relative; `.` and `..` are worked out as text.
    public static func resolve(_ path: String, from folder: String) -> String {
        let whole = path.hasPrefix("/") ? path : folder + "/" + path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty { parts.removeLast() } else if part != ".." { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The folder that holds a file.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The folder in which the command was started.
    public static var working: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(cString: text)
    }

    /// The shorter of the path itself and the path from the working folder, for messages.
    public static func forDisplay(_ path: String) -> String {
        let here = working + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }
}
