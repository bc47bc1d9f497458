#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Lists, creates and removes folders.
public enum Folder {
    /// An entry of a folder. Links are followed.
    public struct Entry: Hashable, Sendable {
        public enum Kind: Hashable, Sendable { case file, folder, other }

        public var name: String
        public var kind: Kind
        /// Whether it is a symbolic link. The other values are those of what it leads to.
        public var isLink: Bool
        /// In bytes.
        public var size: Int64
        /// Nanoseconds since the Unix epoch.
        public var modifiedAtNanoseconds: Int64
    }

    /// The names in a folder, sorted, without `.` and `..`.
    public static func names(in path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else { throw FileError("read", path, errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                // `d_name` is an array of 256 bytes with a NUL inside the entry, which lives until the next call.
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The entries of a folder, sorted by name, without hidden ones. Entries that are removed meanwhile and broken
    /// links are left out.
    public static func entries(in path: String) throws(FileError) -> [Entry] {
        try names(in: path).compactMap { $0.hasPrefix(".") ? nil : entry(at: "\(path)/\($0)", named: $0) }
    }

    /// The entry at a path; nil if nothing is there.
    public static func entry(at path: String) -> Entry? { entry(at: path, named: path) }

    private static func entry(at path: String, named name: String) -> Entry? {
        var info = stat()
        guard lstat(path, &info) == 0 else { return nil }
        let isLink = info.st_mode & S_IFMT == S_IFLNK
        guard !isLink || stat(path, &info) == 0 else { return nil }
        let kind: Entry.Kind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        #if canImport(Darwin)
            let modified = info.st_mtimespec
        #else
            let modified = info.st_mtim
        #endif
        return Entry(
            name: name, kind: kind, isLink: isLink, size: Int64(info.st_size),
            modifiedAtNanoseconds: Int64(modified.tv_sec) &* 1_000_000_000 &+ Int64(modified.tv_nsec))
    }

    /// Whether a folder exists at this path.
    public static func exists(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    /// The path without links and `..`; nil if nothing exists there.
    public static func realPath(of path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// Creates a folder and its missing parents.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - mode: the permissions of the created folders.
    /// - Throws: ``FileError`` naming the folder that cannot be created.
    public static func make(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            let part = String(path[..<end])
            guard mkdir(part, mode_t(mode)) != 0 else { continue }
            let code = errno
            guard exists(part) else { throw FileError("make", part, code) }
        }
    }

    /// Creates a folder with a unique name that begins with `prefix`, accessible only by its owner.
    public static func makeTemporary(_ prefix: String) throws(FileError) -> String {
        var template = Array("\(prefix)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError("make", "\(prefix)-XXXXXX", errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a folder and everything in it, as far as possible. A link is removed but not followed.
    public static func remove(_ path: String) {
        for name in (try? names(in: path)) ?? [] where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
