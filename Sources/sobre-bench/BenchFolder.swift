import Files

/// Measures and removes folders made by a benchmark.
enum BenchFolder {
    /// The total size of the files directly in a folder, in bytes.
    static func size(of folder: String) -> Int {
        let entries = (try? Folder.entries(in: folder)) ?? []
        return entries.reduce(0) { $0 + ($1.kind == .file ? Int($1.size) : 0) }
    }

    static func remove(_ folder: String) { Folder.remove(folder) }
}
