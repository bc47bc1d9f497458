import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads a store's files from outside.
enum StoreFiles {
    /// Copies a store as a crash would leave it now: the database and its write-ahead log.
    static func copy(from directory: String, to copy: String) throws {
        for name in ["sobre.db", "sobre.db-wal"] {
            let bytes = try read("\(directory)/\(name)")
            let file = try #require(fopen("\(copy)/\(name)", "w"))
            defer { fclose(file) }
            #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        }
    }

    /// All bytes of a file.
    static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
