import Files
import Glibc

/// Whether the data directory is for its owner alone.
enum DataDirectoryCheck {
    /// What is wrong with a data directory and what to do; nil: nothing, or there is none yet.
    static func fault(of directory: String) -> String? {
        let shown = FilePath.forDisplay(directory)
        guard let mode = permissions(of: directory) else { return nil }
        // Whoever may not enter the directory reads none of its files.
        guard mode & 0o077 != 0 else { return nil }
        return "Other users can read the data directory, with addresses, messages and the keys of links. "
            + "Run chmod 700 \(shown)."
    }

    private static func permissions(of path: String) -> mode_t? {
        var info = stat()
        return stat(path, &info) == 0 ? info.st_mode : nil
    }
}
