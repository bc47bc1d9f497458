import Files

/// Folders that a benchmark made: their size, and their end.
enum BenchFolder {
    /// Bytes of the files directly in a folder.
    static func size(of folder: String) -> Int {
        let entries = (try? Folder.entries(in: folder)) ?? []
        return entries.reduce(0) { $0 + ($1.kind == .file ? Int($1.size) : 0) }
    }

    static func remove(_ folder: String) { Folder.remove(folder) }
}
