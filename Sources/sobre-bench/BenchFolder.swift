import Glibc

/// Folders that a benchmark made: their size, and their end.
enum BenchFolder {
    /// Bytes of the files directly in a folder.
    static func size(of folder: String) -> Int {
        entries(of: folder).reduce(0) { total, path in
            var info = stat()
            guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return total }
            return total + Int(info.st_size)
        }
    }

    /// Removes a folder with everything in it. A link is removed, never followed.
    static func remove(_ folder: String) {
        for path in entries(of: folder) where unlink(path) != 0 { remove(path) }
        rmdir(folder)
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { paths.append("\(folder)/\(name)") }
        }
        return paths
    }
}
