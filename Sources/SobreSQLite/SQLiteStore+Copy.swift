import GRDB
public import SobreStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension SQLiteStore {
    /// Writes a complete copy of a data directory's database, as of one instant. The process that owns the database can
    /// read and write meanwhile, under any load. A page-wise copy (`.backup`) would start over with each of its
    /// commits.
    ///
    /// Blocks until the copy is on disk, which takes about as long as reading the file. A failed copy is removed.
    ///
    /// - Parameters:
    ///   - directory: The directory with the store's files.
    ///   - file: The path of the copy, which must not exist yet. Only its owner can read it.
    /// - Returns: The size of the copy in bytes.
    /// - Throws: `full`, `io`, or `incompatible` for files of other programs or newer versions.
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

/// `VACUUM INTO` does not sync the copy to disk.
private func syncFile(_ file: String) throws(StoreError) {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
        throw StoreError(
            .io, "The copy \(file) could not be synced to the disk; check the disk.",
            underlying: String(cString: strerror(errno)))
    }
}
