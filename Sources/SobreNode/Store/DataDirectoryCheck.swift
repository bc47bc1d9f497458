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

    /// Why a server of this user cannot write a data directory, or cannot make it; nil: it can.
    static func refusal(of directory: String) -> String? {
        var place = directory
        while !TextFile.exists(place), place != "/", place != "." { place = FilePath.folder(of: place) }
        let shown = FilePath.forDisplay(directory)
        guard Folder.exists(place) else {
            return
                "The data directory \(shown) cannot be made, because \(FilePath.forDisplay(place)) is no folder. Set "
                + "data.directory."
        }
        guard access(place, W_OK | X_OK) == 0 else {
            let what = place == directory ? "written" : "made in \(FilePath.forDisplay(place))"
            return
                "The data directory \(shown) cannot be \(what) by this user: \(String(cString: strerror(errno))). Run this as "
                + "the user of the server, or set data.directory."
        }
        return nil
    }

    private static func permissions(of path: String) -> mode_t? {
        var info = stat()
        return stat(path, &info) == 0 ? info.st_mode : nil
    }
}
