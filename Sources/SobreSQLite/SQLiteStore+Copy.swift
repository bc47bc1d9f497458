import GRDB
public import SobreStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension SQLiteStore {
    /// Writes a whole copy of a data directory's database, as of one instant, also beside the process that owns it. That
    /// one goes on reading and writing meanwhile, however much it has to do: page-wise copies (`.backup`) begin again with
    /// each of its commits.
    ///
    /// Blocks until the copy is on the disk; it takes about as long as reading the file. What has been written of a copy
    /// that fails is removed.
    ///
    /// - Parameters:
    ///   - directory: where the store's files are.
    ///   - file: the copy, which must not be there yet; only its owner may read it.
    /// - Returns: how many bytes the copy has.
    /// - Throws: `full`, `io`; `incompatible` for files of other programs or newer versions.
    public static func copyDatabase(of directory: String, to file: String) throws(StoreError) -> Int {
        SQLiteProcess.ready
        try DataDirectory.makeFile(file)
        do {
            var options = Configuration()
            options.readonly = true
            options.label = "sobre-copy"
            options.busyMode = .timeout(10)
            let queue = try DatabaseQueue(path: "\(directory)/\(DataDirectory.fileName)", configuration: options)
            try queue.inDatabase { db in
                try Reader.checkVersion(db)
                try db.execute(sql: "VACUUM INTO ?", arguments: [file])
            }
            try queue.close()
            try syncFile(file)
        } catch {
            unlink(file)
            throw .from(error, doing: "copying \(directory)")
        }
        return DataDirectory.size(of: file)
    }
}

/// SQLite leaves it to the system when such a copy reaches the disk.
private func syncFile(_ file: String) throws(StoreError) {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
        throw StoreError(
            .io, "The copy \(file) cannot be brought to the disk; check the disk.",
            underlying: String(cString: strerror(errno)))
    }
}
