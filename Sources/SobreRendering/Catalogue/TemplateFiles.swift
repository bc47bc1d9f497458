internal import Glibc
internal import SobreModel

/// The files under a template folder: which there are, in what state, and their bytes.
struct TemplateFiles {
    /// The most files that are looked at.
    static let maxFiles = 20_000
    /// The longest file that is read.
    static let maxFileBytes = 1 << 20
    /// Folders within folders.
    static let maxDepth = 4

    /// One file with what tells that it has changed.
    struct Entry: Hashable {
        /// From the root of the templates, with `/`.
        var path: String
        var size: Int64
        var modifiedAtNanoseconds: Int64
    }

    let root: String
    /// Sorted by path.
    let entries: [Entry]

    /// Lists the files under `root`; hidden ones and editors' leftovers (`name~`) do not count.
    init(root: String) throws(TemplateError) {
        self.root = root
        var found: [Entry] = []
        try Self.list(root, prefix: "", depth: 0, into: &found)
        found.sort { $0.path < $1.path }
        entries = found
    }

    /// Changes whenever a file appears, vanishes or is written.
    var signature: KeyHash {
        var hash = StableHash()
        for entry in entries {
            hash.combine(entry.path)
            hash.combine(KeyHash(rawValue: UInt64(bitPattern: entry.size)))
            hash.combine(KeyHash(rawValue: UInt64(bitPattern: entry.modifiedAtNanoseconds)))
        }
        return hash.keyHash
    }

    /// The files directly in a folder or below it, with their paths from that folder.
    func under(_ folder: String) -> [(path: String, name: String)] {
        let prefix = folder + "/"
        return entries.filter { $0.path.hasPrefix(prefix) }.map { ($0.path, String($0.path.dropFirst(prefix.count))) }
    }

    /// The names of the folders directly under the root.
    var folders: [String] {
        var names: [String] = []
        for entry in entries {
            guard let slash = entry.path.firstIndex(of: "/") else { continue }
            let name = String(entry.path[..<slash])
            if names.last != name, !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Reads a file; UTF-8 is required, a byte order mark is dropped.
    func read(_ path: String) throws(TemplateError) -> [UInt8] {
        let shown = "\(Self.shortened(root))/\(path)"
        let descriptor = open("\(root)/\(path)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TemplateError("Cannot read \(shown): \(String(cString: strerror(errno))).") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            var failed = false
            let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, filled in
                var got: Int
                repeat { got = Glibc.read(descriptor, buffer.baseAddress, 64 << 10) } while got < 0 && errno == EINTR
                failed = got < 0
                filled = max(got, 0)
            }
            if failed { throw TemplateError("Cannot read \(shown): \(String(cString: strerror(errno))).") }
            if chunk.isEmpty { break }
            bytes += chunk
            guard bytes.count <= Self.maxFileBytes else {
                throw TemplateError("\(shown) has more than \(Self.maxFileBytes) bytes; a template's file may not.")
            }
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw TemplateError("\(shown) is not UTF-8 text; save it as UTF-8.")
        }
        return bytes
    }

    /// How errors name a file: from the templates' own folder.
    func displayPath(_ path: String) -> String { "\(Self.shortened(root))/\(path)" }

    private static func shortened(_ root: String) -> Substring { root.split(separator: "/").last ?? "." }

    private static func list(
        _ folder: String, prefix: String, depth: Int, into found: inout [Entry]
    ) throws(TemplateError) {
        guard let directory = opendir(folder) else {
            throw TemplateError(
                "Cannot read the template folder \(folder): \(String(cString: strerror(errno))). "
                    + "Set paths.templates to the folder that holds the templates.")
        }
        defer { closedir(directory) }
        while let item = readdir(directory) {
            let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
                // `d_name` is a NUL-terminated array of 256 bytes inside the entry, which lives until the next call.
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") || name.hasSuffix("~") { continue }
            var info = stat()
            guard stat("\(folder)/\(name)", &info) == 0 else { continue }
            if info.st_mode & S_IFMT == S_IFDIR {
                guard depth + 1 < maxDepth else { continue }
                try list("\(folder)/\(name)", prefix: "\(prefix)\(name)/", depth: depth + 1, into: &found)
            } else if info.st_mode & S_IFMT == S_IFREG {
                guard found.count < maxFiles else {
                    throw TemplateError("The template folder holds more than \(maxFiles) files; move some elsewhere.")
                }
                let modified = Int64(info.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(info.st_mtim.tv_nsec)
                found.append(
                    Entry(path: prefix + name, size: Int64(info.st_size), modifiedAtNanoseconds: modified))
            }
        }
    }
}
