import Glibc

/// Path operations on text. They do not access the file system, except for ``working``.
public enum FilePath {
    /// The absolute path. A relative path is resolved against `folder`. `.` and `..` are resolved as text, without
    /// following links.
    public static func resolve(_ path: String, from folder: String) -> String {
        let whole = path.hasPrefix("/") ? path : folder + "/" + path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty { parts.removeLast() } else if part != ".." { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The folder that contains a file.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The current working directory.
    public static var working: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(cString: text)
    }

    /// The path for messages: relative to the working directory if the file is in it, else unchanged.
    public static func forDisplay(_ path: String) -> String {
        let here = working + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }
}
