internal import Files
internal import SobreModel

/// The files in a template folder: their names, their state and their bytes.
struct TemplateFiles {
    /// The most files in a folder.
    static let maxFiles = 20_000
    /// The largest file, in bytes.
    static let maxFileBytes = 1 << 20
    /// The deepest nesting of folders.
    static let maxDepth = 4

    /// One file, with the values that change when it is written.
    struct Entry: Hashable {
        /// Relative to the root of the templates, separated by `/`.
        var path: String
        var size: Int64
        var modifiedAtNanoseconds: Int64
    }

    let root: String
    /// Sorted by path.
    let entries: [Entry]

    /// Lists the files under `root`, without hidden files and editors' backups (`name~`).
    init(root: String) throws(TemplateError) {
        self.root = root
        var found: [Entry] = []
        try Self.list(root, prefix: "", depth: 0, into: &found)
        found.sort { $0.path < $1.path }
        entries = found
    }

    /// Changes whenever a file is added, removed or written.
    var signature: KeyHash {
        var hash = StableHash()
        for entry in entries {
            hash.combine(entry.path)
            hash.combine(KeyHash(rawValue: UInt64(bitPattern: entry.size)))
            hash.combine(KeyHash(rawValue: UInt64(bitPattern: entry.modifiedAtNanoseconds)))
        }
        return hash.keyHash
    }

    /// The files in a folder and its subfolders, with their paths relative to that folder.
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

    /// Reads a file, which must be UTF-8. A byte order mark is removed.
    func read(_ path: String) throws(TemplateError) -> [UInt8] {
        let shown = "\(Self.shortened(root))/\(path)"
        var bytes: [UInt8]
        do { bytes = try TextFile.readStart(of: "\(root)/\(path)", atMost: Self.maxFileBytes + 1) } catch {
            throw TemplateError("Cannot read \(shown): \(FileError.reason(error.code)).")
        }
        guard bytes.count <= Self.maxFileBytes else {
            throw TemplateError("\(shown) has more than \(Self.maxFileBytes) bytes, the limit for a template's file.")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw TemplateError("\(shown) is not UTF-8 text; save it as UTF-8.")
        }
        return bytes
    }

    /// The name of a file in errors: its path, starting with the templates' folder.
    func displayPath(_ path: String) -> String { "\(Self.shortened(root))/\(path)" }

    private static func shortened(_ root: String) -> Substring { root.split(separator: "/").last ?? "." }

    private static func list(
        _ folder: String, prefix: String, depth: Int, into found: inout [Entry]
    ) throws(TemplateError) {
        let items: [Folder.Entry]
        do { items = try Folder.entries(in: folder) } catch {
            throw TemplateError(
                "Cannot read the template folder \(folder): \(FileError.reason(error.code)). "
                    + "Set paths.templates to the folder that holds the templates.")
        }
        for item in items where !item.name.hasSuffix("~") {
            switch item.kind {
            case .folder where depth + 1 < maxDepth:
                try list(
                    "\(folder)/\(item.name)", prefix: "\(prefix)\(item.name)/", depth: depth + 1, into: &found)
            case .file:
                guard found.count < maxFiles else {
                    throw TemplateError("The template folder holds more than \(maxFiles) files; move some elsewhere.")
                }
                found.append(
                    Entry(
                        path: prefix + item.name, size: item.size, modifiedAtNanoseconds: item.modifiedAtNanoseconds))
            case .folder, .other: continue
            }
        }
    }
}
