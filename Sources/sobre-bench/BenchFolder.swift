import Glibc
import TestFolders

/// Folders that a benchmark made: their size, and their end.
enum BenchFolder {
    /// Bytes of the files directly in a folder.
    static func size(of folder: String) -> Int {
        TemporaryFolder.entries(of: folder).reduce(0) { total, path in
            var info = stat()
            guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return total }
            return total + Int(info.st_size)
        }
    }

    static func remove(_ folder: String) { TemporaryFolder.remove(folder) }
}
