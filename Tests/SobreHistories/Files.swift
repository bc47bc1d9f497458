import Glibc

/// The file operations that histories need.
enum Files {
    /// A new directory, in memory if the system supports it.
    static func temporaryDirectory() -> String {
        let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(place)/sobre-history-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
        precondition(made, "no temporary directory can be made in \(place)")
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func names(in directory: String) -> [String] {
        guard let entries = opendir(directory) else { return [] }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func make(_ directory: String) { mkdir(directory, 0o700) }

    static func read(_ path: String) -> [UInt8] {
        let source = open(path, O_RDONLY)
        guard source >= 0 else { return [] }
        defer { close(source) }
        let size = lseek(source, 0, SEEK_END)
        guard size > 0, lseek(source, 0, SEEK_SET) == 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = Glibc.read(source, &bytes, bytes.count)
        return count == bytes.count ? bytes : Array(bytes.prefix(max(0, count)))
    }

    static func write(_ bytes: [UInt8], to path: String) {
        let target = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        precondition(target >= 0, "\(path) cannot be written")
        defer { close(target) }
        let count = bytes.withUnsafeBytes { Glibc.write(target, $0.baseAddress, $0.count) }
        precondition(count == bytes.count, "the temporary directory is full")
    }

    /// Copies the files of a directory, except the index of the write-ahead log, which does not survive a crash.
    static func copy(_ from: String, to: String) {
        make(to)
        for name in names(in: from) where !name.hasSuffix("-shm") && !name.hasSuffix(".lock") {
            write(read(from + "/" + name), to: to + "/" + name)
        }
    }

    static func remove(_ directory: String) {
        for name in names(in: directory) {
            let path = directory + "/" + name
            if unlink(path) != 0 { remove(path) }
        }
        rmdir(directory)
    }
}
